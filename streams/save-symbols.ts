import type { Fact } from './facts.ts';
import type { At } from './play.ts';
import type { Policy } from './policy.ts';
import { SIGNAL_SYMBOLS } from './scenario-symbols.ts';

/** The lane of a fact, and its symbol there. */
export interface Placed {
  readonly lane: string;
  readonly symbol: string;
}

/** Symbols for everything in a course that a scenario has no symbol for by itself. */
export class SaveSymbols {
  readonly #byMeaning: ReadonlyMap<string, string>;

  /** Null when there are not symbols enough. */
  static of(facts: readonly At<Fact>[], { ranks }: Policy): SaveSymbols | null {
    const meanings = [
      ...ranks.filter((rank) => rank > 9).map((rank) => `rank ${rank}`),
      ...new Set(facts.map(({ value }) => meaningOf(value)).filter((meaning) => meaning !== null)),
    ].filter((meaning) => !(meaning in BY_DEFAULT));
    return meanings.length > FREE.length ? null : new SaveSymbols(meanings);
  }

  private constructor(meanings: readonly string[]) {
    this.#byMeaning = new Map(meanings.map((meaning, index) => [meaning, FREE[index] ?? '']));
  }

  /** The `where` lines. */
  lines(): readonly string[] {
    const entries = [...this.#byMeaning].map(([meaning, symbol]) => `${symbol} = ${meaning}`);
    return entries.length === 0 ? [] : [`where     ${entries.join(', ')}`];
  }

  ofRank(rank: number): string {
    return this.#byMeaning.get(`rank ${rank}`) ?? String(rank);
  }

  placed(fact: Fact): Placed {
    switch (fact.type) {
      case 'SignalReceived':
        return { lane: 'signals', symbol: signalSymbol(fact.signal) };
      case 'StopRequested':
        return { lane: 'stop', symbol: 's' };
      case 'ListenerFailed':
        return { lane: 'listener', symbol: '#' };
      case 'SupervisorFailed':
        return { lane: 'fault', symbol: 'f' };
      case 'RankStarted':
        return { lane: `rank ${fact.rank}`, symbol: 's' };
      case 'RankStartFailed':
        return { lane: `rank ${fact.rank}`, symbol: '#' };
      case 'RankCleared':
        return { lane: `rank ${fact.rank}`, symbol: '|' };
      case 'RankExited':
        return { lane: `rank ${fact.rank}`, symbol: this.#symbol(meaningOf(fact)) };
      case 'ProbeAnswered':
      case 'ProbeFailed':
        return { lane: `probes ${fact.rank}`, symbol: this.#symbol(meaningOf(fact)) };
    }
  }

  #symbol(meaning: string | null): string {
    return this.#byMeaning.get(meaning ?? '') ?? BY_DEFAULT[meaning ?? ''] ?? '';
  }
}

function signalSymbol(signal: string): string {
  return Object.entries(SIGNAL_SYMBOLS).find(([, candidate]) => candidate === signal)?.[0] ?? '';
}

/** What a `where` line would have to say; null for what has a symbol of its own lane. */
function meaningOf(fact: Fact): string | null {
  switch (fact.type) {
    case 'RankExited':
      return fact.signal === null ? `exit ${fact.code ?? 0}` : `killed by ${fact.signal}`;
    case 'ProbeAnswered':
      return `status ${fact.status}`;
    case 'ProbeFailed':
      if (fact.fault === 'prober') return 'prober fault';
      // The other ways of not answering count alike.
      return fact.reason === 'timeout' || fact.reason === 'refused' ? fact.reason : 'reset';
    case 'RankStarted':
    case 'RankStartFailed':
    case 'RankCleared':
    case 'SignalReceived':
    case 'StopRequested':
    case 'ListenerFailed':
    case 'SupervisorFailed':
      return null;
  }
}

const BY_DEFAULT: Readonly<Record<string, string>> = {
  'status 200': 'o',
  'status 503': 'u',
  refused: 'r',
  timeout: 't',
  reset: 'e',
  'prober fault': 'p',
  'exit 1': 'x',
  'exit 0': 'z',
  'killed by SIGKILL': 'k',
};

/** Letters that mean nothing by themselves in any lane. */
const FREE = [...'abcdfghijlmnqvwyABCDEFGJKLMNOPRSUVWXYZ', ...'αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ'];
