import type { Fact, StopSignal } from './facts.ts';
import { quoted } from './quoted.ts';
import { ScenarioError } from './scenario-error.ts';

/** The symbols of the signals lane. */
export const SIGNAL_SYMBOLS: Readonly<Record<string, StopSignal>> = {
  T: 'SIGTERM',
  I: 'SIGINT',
  H: 'SIGHUP',
  Q: 'SIGQUIT',
};

/** What a symbol says in the lanes of a rank where no `where` line says otherwise. */
const DEFAULT_MEANINGS: Readonly<Record<string, string>> = {
  o: 'status 200',
  u: 'status 503',
  r: 'refused',
  t: 'timeout',
  e: 'reset',
  p: 'prober fault',
  x: 'exit 1',
  z: 'exit 0',
  k: 'killed by SIGKILL',
};

const MEANING = /^(exit \d+|killed by SIG[A-Z0-9]+|status \d+|rank \d+|refused|timeout|reset|prober fault)$/;

/** What the symbols of a scenario stand for. */
export class Symbols {
  readonly #meanings = new Map(Object.entries(DEFAULT_MEANINGS));

  /**
   * Reads the entries of a `where` line.
   *
   * @throws ScenarioError when one defines nothing
   */
  define(entries: string, line: number): void {
    for (const entry of entries.split(',')) {
      const [, symbol, meaning] = /^\s*([\p{L}0-9])\s*=\s*(.+?)\s*$/u.exec(entry) ?? [];
      if (symbol === undefined || meaning === undefined || !MEANING.test(meaning)) {
        throw new ScenarioError(
          `${quoted(entry.trim())} defines nothing: expected SYMBOL = exit N, killed by SIGNAL, status N, rank N, refused, timeout, reset or prober fault`,
          line,
        );
      }
      this.#meanings.set(symbol, meaning);
    }
  }

  /** Rank by symbol, for lanes whose marbles are ranks. A digit is the rank of that number. */
  ranks(): ReadonlyMap<string, number> {
    const digits = Array.from({ length: 10 }, (_, rank) => [String(rank), rank] as const);
    const named = [...this.#meanings].flatMap(([symbol, meaning]) => {
      const [, rank] = /^rank (\d+)$/.exec(meaning) ?? [];
      return rank === undefined ? [] : [[symbol, Number(rank)] as const];
    });
    return new Map([...digits, ...named]);
  }

  /** The fact that a symbol stands for in a lane; null when it stands for none. */
  fact(lane: string, rank: number, symbol: string): Fact | null {
    const signal = SIGNAL_SYMBOLS[symbol];
    switch (lane) {
      case 'fault':
        return symbol === 'f' ? { type: 'SupervisorFailed', error: 'Error: a fault', stack: '' } : null;
      case 'signals':
        return signal === undefined ? null : { type: 'SignalReceived', signal };
      case 'stop':
        return symbol === 's' ? { type: 'StopRequested', reason: 'the embedding program asked' } : null;
      case 'listener':
        return symbol === '#' ? { type: 'ListenerFailed', error: 'the socket was closed' } : null;
      case 'rank':
        return this.#rankFact(rank, symbol);
      default:
        return this.#probeFact(rank, symbol);
    }
  }

  #rankFact(rank: number, symbol: string): Fact | null {
    if (symbol === 's') return { type: 'RankStarted', rank, pid: pidOf(rank) };
    if (symbol === '#') return { type: 'RankStartFailed', rank, error: 'no such program' };
    if (symbol === '|') return { type: 'RankCleared', rank };
    const meaning = this.#meanings.get(symbol) ?? '';
    const [, code] = /^exit (\d+)$/.exec(meaning) ?? [];
    if (code !== undefined) return { type: 'RankExited', rank, code: Number(code), signal: null };
    const [, signal] = /^killed by (.+)$/.exec(meaning) ?? [];
    return signal === undefined ? null : { type: 'RankExited', rank, code: null, signal };
  }

  #probeFact(rank: number, symbol: string): Fact | null {
    const meaning = this.#meanings.get(symbol) ?? '';
    const [, status] = /^status (\d+)$/.exec(meaning) ?? [];
    if (status !== undefined) return { type: 'ProbeAnswered', rank, status: Number(status) };
    if (meaning === 'prober fault') return { type: 'ProbeFailed', rank, fault: 'prober', reason: 'EMFILE' };
    if (!['refused', 'timeout', 'reset'].includes(meaning)) return null;
    return { type: 'ProbeFailed', rank, fault: 'server', reason: meaning };
  }
}

/** A scenario has no processes, but its facts have their numbers. */
export function pidOf(rank: number): number {
  return 1_000 + rank;
}
