import type { Command } from '../../streams/commands.ts';
import type { Fact } from '../../streams/facts.ts';
import { graceMs, type Policy } from '../../streams/policy.ts';
import type { Cause } from '../../streams/shutdown.ts';
import type { Noted, WatchedCourse } from './watched-course.ts';

/** Whether a promise is kept in a course that was seen to its end, given the policy that the course was to keep. */
export type Invariant = (course: WatchedCourse, policy: Policy) => boolean;

/**
 * What the core promises whatever happens, each promise under its sentence. The property tests hold them in
 * random histories, mad ones among them; the exhaustive check in every possible history of a small world.
 *
 * They are called some million times: plain loops, nothing allocated.
 */
export const INVARIANTS = {
  'the group is never ready after a shutdown cause'({ log }) {
    let stopping = false;
    let ready = false;
    for (const noted of log) {
      if (noted.kind === 'cause') stopping = true;
      else if (noted.kind === 'ready') {
        if (stopping && noted.value) return false;
        ready = noted.value;
      }
    }
    return !(stopping && ready);
  },

  'readiness falls before the first rank is signalled'({ log }) {
    let ready = false;
    for (const noted of log) {
      if (noted.kind === 'ready') ready = noted.value;
      else if (ready && noted.kind === 'command' && noted.value.type === 'SignalRank') return false;
    }
    return true;
  },

  // The same sentence for a rank that turns out to have started later: it is killed on arrival.
  'no rank is killed before the grace is over, unless a second signal has come'({ log }, policy) {
    const over = signalledFrom(log, policy) + graceMs(policy);
    const second = secondSignal(log, policy);
    return log.every((noted, index) => !is(noted, 'KillRank') || noted.at >= over || index > second);
  },

  'a second signal kills at once whatever is left'({ log }, policy) {
    const second = secondSignal(log, policy);
    // What was commanded at the second signal stands behind it, up to the next fact.
    let end = second + 1;
    while (end < log.length && log[end]?.at === log[second]?.at && log[end]?.kind !== 'fact') end += 1;
    for (let index = 0; index < second; index += 1) {
      const noted = log[index];
      if (noted !== undefined && is(noted, 'Exit')) return true;
    }
    return policy.ranks.every((rank) => {
      const signalled = commandedBefore(log, end, 'SignalRank', { value: { rank } });
      const left = toldBefore(log, second, 'RankCleared', rank) || toldBefore(log, second, 'RankStartFailed', rank);
      return !signalled || left || commandedBefore(log, end, 'KillRank', { value: { rank } });
    });
  },

  'every rank that is killed was signalled before'({ log }) {
    return log.every((noted, index) => !is(noted, 'KillRank') || commandedBefore(log, index, 'SignalRank', noted));
  },

  'a rank is signalled once and killed once at most'({ log }) {
    return log.every(
      (noted, index) =>
        !(is(noted, 'SignalRank') || is(noted, 'KillRank')) || !commandedBefore(log, index, noted.value.type, noted),
    );
  },

  'every shutdown ends in exactly one Exit, within its time'({ log }, policy) {
    const second = log[secondSignal(log, policy)]?.at ?? Infinity;
    const latest = Math.min(signalledFrom(log, policy) + graceMs(policy), second) + policy.killWaitMs;
    let [causes, exits] = [0, 0];
    for (const noted of log) {
      if (noted.kind === 'cause') causes += 1;
      else if (is(noted, 'Exit')) {
        exits += 1;
        if (!(noted.at <= latest)) return false;
      }
    }
    return causes === exits && causes <= 1;
  },

  'nothing is commanded after Exit, and no timer is left'({ log, timersLeft }) {
    let over = false;
    for (const noted of log) {
      if (noted.kind !== 'command') continue;
      if (over) return false;
      over = noted.value.type === 'Exit';
    }
    return timersLeft === 0;
  },

  'a rank that has left, or a group that is stopping, is not probed'({ log }) {
    let stopping = false;
    for (const [index, noted] of log.entries()) {
      if (noted.kind === 'cause') stopping = true;
      else if (is(noted, 'ProbeRank')) {
        const { rank } = noted.value;
        if (stopping || !toldBefore(log, index, 'RankStarted', rank)) return false;
        if (toldBefore(log, index, 'RankExited', rank)) return false;
      }
    }
    return true;
  },

  'a rank is never asked again before it has answered'({ log }) {
    return log.every((noted, index) => !is(noted, 'ProbeRank') || !unanswered(log, index, noted.value.rank));
  },

  'every rank is ordered to start exactly once, before anything else'({ log }, policy) {
    let started = 0;
    for (const noted of log) {
      if (is(noted, 'StartRank')) {
        if (noted.at !== 0 || noted.value.rank !== policy.ranks[started]) return false;
        started += 1;
      } else if ((noted.kind === 'command' || noted.kind === 'fact') && started < policy.ranks.length) return false;
    }
    return started === policy.ranks.length;
  },
} as const satisfies Record<string, Invariant>;

export type Sentence = keyof typeof INVARIANTS;

/** The invariants with their sentences, in their order. */
export const ALL_INVARIANTS = Object.entries(INVARIANTS) as readonly (readonly [Sentence, Invariant])[];

/** The sentence of the first promise that is broken. */
export function broken(course: WatchedCourse, policy: Policy): Sentence | null {
  for (const [sentence, holds] of ALL_INVARIANTS) if (!holds(course, policy)) return sentence;
  return null;
}

/** When the ranks are to be signalled, in milliseconds; NaN when nothing has ended the group. */
function signalledFrom(log: readonly Noted[], policy: Policy): number {
  for (const noted of log) if (noted.kind === 'cause') return noted.at + drainMs(noted.value, policy);
  return NaN;
}

function drainMs(cause: Cause, { drainDelayMs }: Policy): number {
  return cause.afterReady && (cause.kind === 'signal' || cause.kind === 'stop-requested') ? drainDelayMs : 0;
}

/** Where the second signal stands; beyond the end when there is none. */
function secondSignal(log: readonly Noted[], { secondSignalAfterMs }: Policy): number {
  let first = NaN;
  for (const [index, { at, kind, value }] of log.entries()) {
    if (kind !== 'fact' || value.type !== 'SignalReceived') continue;
    if (Number.isNaN(first)) first = at;
    else if (at - first >= secondSignalAfterMs) return index;
  }
  return log.length;
}

function is<T extends Command['type']>(
  noted: Noted,
  type: T,
): noted is Extract<Noted, { kind: 'command' }> & { readonly value: Extract<Command, { type: T }> } {
  return noted.kind === 'command' && noted.value.type === type;
}

function commandedBefore(
  log: readonly Noted[],
  index: number,
  type: 'SignalRank' | 'KillRank',
  { value: { rank } }: { readonly value: { readonly rank: number } },
): boolean {
  for (let before = index - 1; before >= 0; before -= 1) {
    const noted = log[before];
    if (noted !== undefined && is(noted, type) && noted.value.rank === rank) return true;
  }
  return false;
}

function toldBefore(log: readonly Noted[], index: number, type: Fact['type'], rank: number): boolean {
  for (let before = index - 1; before >= 0; before -= 1) {
    const noted = log[before];
    if (noted?.kind === 'fact' && noted.value.type === type && 'rank' in noted.value && noted.value.rank === rank) {
      return true;
    }
  }
  return false;
}

/** Whether the question before this one, if there was one, has had no answer. */
function unanswered(log: readonly Noted[], index: number, rank: number): boolean {
  for (let before = index - 1; before >= 0; before -= 1) {
    const noted = log[before];
    if (noted?.kind === 'fact' && isAnswer(noted.value) && noted.value.rank === rank) return false;
    if (noted !== undefined && is(noted, 'ProbeRank') && noted.value.rank === rank) return true;
  }
  return false;
}

function isAnswer(fact: Fact): fact is Extract<Fact, { type: 'ProbeAnswered' | 'ProbeFailed' }> {
  return fact.type === 'ProbeAnswered' || fact.type === 'ProbeFailed';
}
