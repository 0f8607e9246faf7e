import type { At } from '../../streams/play.ts';
import { graceMs, type Policy } from '../../streams/policy.ts';
import type { Cause } from '../../streams/shutdown.ts';
import type { Story } from '../../streams/story.ts';
import type { Comparison, Recovery } from '../../streams/what-if.ts';
import { timeInWords } from './lanes/axis.ts';
import { causeInWords, ranksInWords } from './words.ts';

/** The difference of two courses in words, a sentence a line, and last what nobody can know. */
export function whatIfInWords(comparison: Comparison): readonly string[] {
  const { recorded, alternative, partsAt, recoveries } = comparison;
  const differs = recorded.policy.probeFailureThreshold !== alternative.policy.probeFailureThreshold;
  const isStill = (rank: number, to: number) =>
    recoveries.recorded.some((recovery) => recovery.rank === rank && recovery.to === to);
  return [
    `recorded: ${courseInWords(recorded)}`,
    ...(differs ? recoveries.alternative : []).map((recovery) =>
      recoveryInWords(recovery, isStill(recovery.rank, recovery.to)),
    ),
    ...(partsAt === null
      ? sameInWords(comparison)
      : alternative.cause === null
        ? goesOnInWords(comparison, partsAt)
        : sameCause(recorded.cause, alternative.cause)
          ? endsOtherwiseInWords(comparison, partsAt)
          : endsEarlierInWords(comparison, alternative.cause)),
    ...changedProbesInWords(recorded.policy, alternative.policy),
  ];
}

/** What became of a group, in one line. */
export function courseInWords({ readiness, cause, exit, end }: Story): string {
  const readyAt = readiness.find(({ value }) => value)?.at;
  const ready = readyAt === undefined ? 'never ready' : `ready after ${timeInWords(readyAt)}`;
  if (cause === null) return `${ready}; nothing ended it within the ${timeInWords(end)} that were recorded`;
  const why = `${ready}; at ${timeInWords(cause.at)} ${causeInWords(cause.value)}`;
  if (exit === null) return `${why}; how it ended was not recorded`;
  const { status, killed, secondSignal } = exit.value;
  const when = secondSignal === undefined ? '' : ` at once: ${secondSignal} was a second signal`;
  const force = killed.length === 0 ? '' : `; ${ranksInWords(killed)} had to be killed${when}`;
  return `${why}; exit status ${status} at ${timeInWords(exit.at)}${force}`;
}

function sameInWords({ recorded, alternative, until }: Comparison): readonly string[] {
  if (alternative.cause === null) {
    const ready = alternative.readiness.at(-1)?.value === true;
    return [`what if: nothing would have been different; the group would have ${ready ? 'stayed ready' : 'gone on'}`];
  }
  if (recorded.exit === null || alternative.exit !== null) return ['what if: nothing would have been different'];
  return [
    `what if: the same until ${timeInWords(until)}, where the recorded group left; this one would have waited longer`,
    `not known: what would have come after ${timeInWords(until)}, because the recording ends there`,
  ];
}

/** The recorded group ended, and this one would not have. */
function goesOnInWords({ recorded, alternative, lateAnswers }: Comparison, partsAt: number): readonly string[] {
  const state = alternative.readiness.at(-1)?.value === true ? 'stayed ready' : 'gone on waiting to be ready';
  const cause = recorded.cause?.value;
  const probed = 'nobody probed the ranks after that, and they were told to leave';
  const waits = cause === undefined ? [] : stillAllowed(cause, alternative.policy);
  return [
    `what if: at ${timeInWords(partsAt)} the group would have ${state}${waits.map((text) => `: ${text}`).join('')}`,
    ...lateAnswers.map(
      ({ rank, at, text }) =>
        `recorded as well: rank ${rank} still answered ${text} at ${timeInWords(at)}, ${timeInWords(at - partsAt)} after the recorded end had begun`,
    ),
    `not known: what would have come after ${timeInWords(partsAt)}${cause === undefined ? '' : `${recoveryQuestion(cause)}: ${probed}`}`,
  ];
}

/** How much more the other policy would have let pass. */
function stillAllowed(cause: Cause, policy: Policy): readonly string[] {
  if (cause.kind === 'unhealthy' && cause.failures > 0) {
    const more = policy.probeFailureThreshold - cause.failures;
    return [
      `rank ${cause.rank} had missed ${cause.failures} of ${policy.probeFailureThreshold} probes in a row, and ${more} more would have had to fail`,
    ];
  }
  if (cause.kind === 'startup-timeout') {
    const limit =
      policy.startupLimit.kind === 'none' ? 'as long as it took' : `until ${timeInWords(policy.startupLimit.ms)}`;
    return [`${ranksInWords(cause.waitingFor)} would have been waited for ${limit}`];
  }
  return [];
}

function recoveryQuestion(cause: Cause): string {
  if (cause.kind === 'unhealthy') return `, and whether rank ${cause.rank} would have recovered`;
  if (cause.kind === 'startup-timeout')
    return `, and whether ${ranksInWords(cause.waitingFor)} would have become ready`;
  return '';
}

function endsEarlierInWords(
  { recorded, alternative, recoveries, until }: Comparison,
  cause: At<Cause>,
): readonly string[] {
  const { policy } = alternative;
  const sooner = (recorded.cause?.at ?? until) - cause.at;
  const than = recorded.cause === null ? 'although the recorded group went on' : 'before the recorded group';
  const killAt = cause.at + graceMs(policy);
  return [
    `what if: at ${timeInWords(cause.at)} the group would have ended, ${timeInWords(sooner)} ${than}: ${causeInWords(cause.value)}`,
    `every rank would have been signalled at ${timeInWords(cause.at)}, and what was left of them killed at ${timeInWords(killAt)}`,
    ...recoveries.recorded
      .filter(({ from, to }) => from <= cause.at && to > cause.at)
      .map(
        ({ rank, from, to }) =>
          `in the recording rank ${rank} recovered after ${timeInWords(to - from)}, at ${timeInWords(to)}`,
      ),
    `not known: how the ranks would have taken the signal: in the recording they were not told to leave then`,
  ];
}

/** Both end for the same reason at the same time, and the ranks are treated differently on the way out. */
function endsOtherwiseInWords({ recorded, alternative }: Comparison, partsAt: number): readonly string[] {
  const [was, would] = [recorded, alternative].map(({ policy, windows }) => {
    const signalled = windows.find(({ phase }) => phase === 'stopping')?.from;
    const drained = windows.find(({ phase }) => phase === 'draining')?.deadline;
    const at = signalled ?? drained ?? NaN;
    const hurried = windows.find(({ phase }) => phase === 'killing')?.from; // by a second signal
    return { signalled: at, killed: hurried ?? at + graceMs(policy) };
  });
  const [a, b] = [was ?? NOWHERE, would ?? NOWHERE];
  const signal =
    a.signalled === b.signalled || Number.isNaN(b.signalled)
      ? []
      : [
          `what if: the ranks would have been signalled at ${timeInWords(b.signalled)} instead of ${timeInWords(a.signalled)}`,
        ];
  const kill = Number.isNaN(b.killed)
    ? []
    : [
        `what if: SIGKILL would have come at ${timeInWords(b.killed)}${a.killed === b.killed ? '' : ` instead of ${timeInWords(a.killed)}`}`,
      ];
  return [
    ...signal,
    ...kill,
    `not known: what would have come after ${timeInWords(partsAt)}, because from there on the ranks were treated differently`,
  ];
}

const NOWHERE = { signalled: NaN, killed: NaN };

/** Both courses may tell of it, or only the one that went on. */
function recoveryInWords({ rank, from, to, missed }: Recovery, inBoth: boolean): string {
  const probes = missed === 1 ? 'one probe' : `${missed} probes`;
  const [recovered, stayed] = inBoth ? ['recovered', 'stayed'] : ['would have recovered', 'would have stayed'];
  const both = inBoth ? 'in both courses ' : '';
  return `${both}rank ${rank} ${recovered} after ${timeInWords(to - from)}, having missed ${probes} from ${timeInWords(from)}; the group ${stayed} ready`;
}

/** Other times of asking bring other answers, which nobody has heard. */
function changedProbesInWords(policy: Policy, other: Policy): readonly string[] {
  const changed = [
    policy.startupProbeIntervalMs !== other.startupProbeIntervalMs && 'startup-probe-interval',
    policy.probeIntervalMs !== other.probeIntervalMs && 'probe-interval',
    policy.probeTimeoutMs !== other.probeTimeoutMs && 'probe-timeout',
  ].filter((name) => name !== false);
  if (changed.length === 0) return [];
  return [
    `not known: what probes would have brought under another ${changed.join(' and ')}; the recorded answers, at their recorded times, stand for them`,
  ];
}

function sameCause(a: At<Cause> | null, b: At<Cause> | null): boolean {
  return a?.at === b?.at && a?.value.kind === b?.value.kind;
}
