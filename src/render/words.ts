import type { Exit } from '../../streams/commands.ts';
import { isHealthy, type LeaderExit } from '../../streams/ranks.ts';
import type { Cause } from '../../streams/shutdown.ts';
import type { GroupState } from '../../streams/supervision.ts';
import { oneLine } from './one-line.ts';

/** The first cause, in one line, whatever it quotes. */
export function causeInWords(cause: Cause): string {
  return oneLine(quotingCause(cause));
}

function quotingCause(cause: Cause): string {
  const when = cause.afterReady ? 'after the group was ready' : 'before the group was ready';
  switch (cause.kind) {
    case 'signal':
      return `${cause.signal} was received`;
    case 'stop-requested':
      return `a stop was requested: ${cause.reason}`;
    case 'start-failed':
      return `rank ${cause.rank} could not be started: ${cause.error}`;
    case 'exited':
      return `rank ${cause.rank} ${exitInWords(cause.exit)} ${when}`;
    case 'unhealthy':
      return `rank ${cause.rank} is unhealthy: ${verdictInWords(cause.last, cause.failures)}`;
    case 'startup-timeout':
      return `the group was not ready within ${inSeconds(cause.ms)}: waited for ${ranksInWords(cause.waitingFor)}`;
    case 'listener-failed':
      return cause.error;
    case 'fault':
      return `dp-supervisor has a fault of its own: ${cause.error}`;
  }
}

/** How it ended, in one line: the status, the cause, and what was not as it should be. */
export function exitInOneLine({ status, cause, killed, left, secondSignal }: Exit): string {
  const force = killed.length === 0 ? '' : `; ${killedInWords(killed, secondSignal)}`;
  const stuck = left.length === 0 ? '' : `; ${ranksInWords(left)} could not even be killed`;
  return `exit status ${status}: ${causeInWords(cause)}${force}${stuck}`;
}

function killedInWords(killed: readonly number[], secondSignal: Exit['secondSignal']): string {
  return secondSignal === undefined
    ? `${ranksInWords(killed)} did not leave in time and had to be killed`
    : `${secondSignal} was a second signal and had ${ranksInWords(killed)} killed at once`;
}

/** Why the group is not ready, with what the last probes brought back, or that it is. */
export function readinessInWords({ ready, cause, ranks }: GroupState): string {
  if (ready) return allReadyInWords(ranks.length);
  if (cause !== null) return causeInWords(cause);
  const waiting = ranks.filter((state) => !isHealthy(state));
  const answers = [...new Set(waiting.map(({ health }) => health.last))].map((last) => {
    const words = ranksInWords(waiting.filter(({ health }) => health.last === last).map(({ rank }) => rank));
    return last === null ? words : `${words} (${last})`;
  });
  return `${ranks.length - waiting.length} of ${ranks.length} ranks are ready; waiting for ${answers.join(', ')}`;
}

/** For a group of one there is no "all". */
export function allReadyInWords(ranks: number): string {
  return ranks === 1 ? 'the rank is ready' : `all ${ranks} ranks are ready`;
}

export function exitInWords(exit: LeaderExit): string {
  switch (exit.how) {
    case 'code':
      return `exited with code ${exit.code}`;
    case 'signal':
      return `was ended by ${exit.signal}`;
    case 'never-started':
      return `could not be started: ${exit.error}`;
  }
}

/** `rank 3`, `ranks 0-2, 5`. */
export function ranksInWords(ranks: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const rank of ranks) {
    const run = runs.at(-1);
    if (run !== undefined && rank === run[1] + 1) run[1] = rank;
    else runs.push([rank, rank]);
  }
  const spans = runs.map(([from, to]) =>
    from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}-${to}`,
  );
  return `${ranks.length === 1 ? 'rank' : 'ranks'} ${spans.join(', ')}`;
}

export function inSeconds(ms: number): string {
  return `${Number((ms / 1_000).toFixed(3))} s`;
}

function verdictInWords(last: string, failures: number): string {
  if (failures === 0) return `it answered ${last}`;
  return failures === 1 ? `a probe ended in ${last}` : `${failures} probes in a row failed, the last with ${last}`;
}
