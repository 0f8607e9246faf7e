import type { Command } from './commands.ts';
import { type Marble, printMarbles } from './marble.ts';
import { type Course, play } from './play.ts';
import { EXPECTED_LANES, isOptionalLane, type Scenario } from './scenario.ts';
import { SIGNAL_SYMBOLS } from './scenario-symbols.ts';
import type { Cause } from './shutdown.ts';

/** Whether a scenario holds, and if not, why: lines to print. */
export interface Verdict {
  readonly holds: boolean;
  readonly report: string;
}

/**
 * Plays a scenario and holds what came against what it expects. Besides the lanes that are written down,
 * every scenario must be possible (no answer that nobody asked for) and must leave no timer behind.
 */
export function check(scenario: Scenario): Verdict {
  const course = play(scenario.facts, scenario.policy, scenario.end);
  const optional = [...scenario.expected.keys()].filter(isOptionalLane);
  const differing = [...EXPECTED_LANES, ...optional].flatMap((name) => compareLane(name, scenario, course));
  const complaints = [...differing, ...unaskedAnswers(scenario, course), ...leftovers(course)];
  const report = [scenario.title, ...complaints.map((line) => `  ${line}`)].join('\n');
  return { holds: complaints.length === 0, report };
}

/** The marbles of what happened, in a lane's own symbols. */
export function actualLane(name: string, scenario: Scenario, course: Course): readonly Marble[] {
  if (name === 'ready') return course.readiness.map(({ at, value }) => ({ at, symbol: value ? 'r' : 'n' }));
  const symbolOf = (rank: number) =>
    [...scenario.rankSymbols].find(([, candidate]) => candidate === rank)?.[0] ?? String(rank);
  if (name === 'cause') {
    return course.shutdown === null
      ? []
      : [{ at: course.shutdown.at, symbol: causeSymbol(course.shutdown.value, symbolOf) }];
  }
  return course.commands.flatMap(({ at, value }) =>
    commandSymbols(name, value, symbolOf).map((symbol) => ({ at, symbol })),
  );
}

/** The rank that is to blame, the signal, `s` for a stop request, `#` for the listener, `f` for a fault, `t` for the startup timeout. */
function causeSymbol(cause: Cause, symbolOf: (rank: number) => string): string {
  switch (cause.kind) {
    case 'signal':
      return Object.entries(SIGNAL_SYMBOLS).find(([, signal]) => signal === cause.signal)?.[0] ?? '?';
    case 'stop-requested':
      return 's';
    case 'startup-timeout':
      return 't';
    case 'listener-failed':
      return '#';
    case 'fault':
      return 'f';
    case 'start-failed':
    case 'exited':
    case 'unhealthy':
      return symbolOf(cause.rank);
  }
}

function commandSymbols(name: string, command: Command, symbolOf: (rank: number) => string): readonly string[] {
  switch (command.type) {
    case 'SignalRank':
      return name === command.signal ? [symbolOf(command.rank)] : [];
    case 'KillRank':
      return name === 'SIGKILL' ? [symbolOf(command.rank)] : [];
    case 'ProbeRank':
      return name === `asked ${command.rank}` ? ['p'] : [];
    case 'Exit':
      return name === 'exit' ? [String(command.status)] : name === 'left' ? command.left.map(symbolOf) : [];
    case 'StartRank':
      return [];
  }
}

function compareLane(name: string, scenario: Scenario, course: Course): string[] {
  const fallback: readonly Marble[] = name === 'ready' ? [{ at: 0, symbol: 'n' }] : [];
  const expected = scenario.expected.get(name) ?? fallback;
  const actual = actualLane(name, scenario, course);
  const same =
    expected.length === actual.length &&
    expected.every(({ at, symbol }, index) => at === actual[index]?.at && symbol === actual[index].symbol);
  if (same) return [];
  const print = (marbles: readonly Marble[]) => printMarbles(marbles, scenario.frameMs, scenario.end);
  return [`${name.padEnd(8)} expected  ${print(expected)}`, `${' '.repeat(8)} actual    ${print(actual)}`];
}

/** A scenario shows what can happen: the nth answer of a rank comes after the nth question. */
function unaskedAnswers({ facts, policy }: Scenario, { commands }: Course): string[] {
  return policy.ranks.flatMap((rank) => {
    const asked = commands.filter(({ value }) => value.type === 'ProbeRank' && value.rank === rank);
    const answered = facts.filter(
      ({ value }) => (value.type === 'ProbeAnswered' || value.type === 'ProbeFailed') && value.rank === rank,
    );
    return answered
      .filter(({ at }, index) => at < (asked[index]?.at ?? Infinity))
      .map(({ at }) => `rank ${rank} answers at ${at} ms, but no probe is under way then`);
  });
}

function leftovers(course: Course): string[] {
  const over = course.commands.some(({ value }) => value.type === 'Exit');
  if (course.shutdown !== null && !over) return ['the shutdown never came to an Exit'];
  return over && course.pendingTimers > 0 ? [`${course.pendingTimers} timers are left after the Exit`] : [];
}
