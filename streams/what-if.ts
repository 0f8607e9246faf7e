import { filter, Subject, Subscription } from 'rxjs';
import type { KillRank, SignalRank } from './commands.ts';
import type { Fact } from './facts.ts';
import type { At } from './play.ts';
import type { Policy } from './policy.ts';
import type { Cause } from './shutdown.ts';
import { type Story, storyOf } from './story.ts';
import { supervision } from './supervision.ts';
import { Timeline } from './timeline.ts';

/** Two courses of the same facts: as it was recorded, and as it would have been under another policy. */
export interface Comparison {
  readonly recorded: Story;
  /** No more of it than can be known: it ends where the two courses first did something else to the ranks. */
  readonly alternative: Story;
  /**
   * Where they part, in milliseconds: from here on the recorded facts answer to what was really done, and nobody
   * knows what another course would have brought. Null when they never do.
   */
  readonly partsAt: number | null;
  /** How far the recording goes, in milliseconds. */
  readonly until: number;
  /** Answers that came only after the courses had parted, to probes that were under way then. */
  readonly lateAnswers: readonly LateAnswer[];
  /** Ranks that missed probes after ready and came back, as far as each course goes. */
  readonly recoveries: { readonly recorded: readonly Recovery[]; readonly alternative: readonly Recovery[] };
}

export interface LateAnswer {
  readonly rank: number;
  readonly at: number;
  readonly text: string;
}

export interface Recovery {
  readonly rank: number;
  /** Of the first probe that was not answered. */
  readonly from: number;
  /** Of the answer. */
  readonly to: number;
  /** Probes in a row that were not answered. */
  readonly missed: number;
}

/**
 * Plays the facts under both policies, side by side, up to the first place where the two do something else to
 * the ranks or end for another reason. Probes are no such place: what a rank said at other times is not known,
 * and the recorded answers stand for it.
 *
 * @param facts in the order of their times
 * @param until how far the recording goes, in milliseconds
 */
export function whatIf(facts: readonly At<Fact>[], policy: Policy, other: Policy, until: number): Comparison {
  const parting = partingOf(facts, policy, other, until);
  const known = parting === null ? facts : facts.slice(0, parting.facts);
  const recorded = storyOf(facts, policy, false, until);
  const alternative = storyOf(known, other, false, parting?.at ?? until);
  const late = parting === null ? [] : facts.slice(parting.facts);
  return {
    recorded,
    alternative,
    partsAt: parting?.at ?? null,
    until,
    lateAnswers: late.flatMap(({ at, value }) =>
      value.type === 'ProbeAnswered' ? [{ rank: value.rank, at, text: String(value.status) }] : [],
    ),
    recoveries: { recorded: recoveriesIn(recorded), alternative: recoveriesIn(alternative) },
  };
}

/** Where two courses part: the time, and how many of the facts came before. */
function partingOf(
  facts: readonly At<Fact>[],
  policy: Policy,
  other: Policy,
  until: number,
): { at: number; facts: number } | null {
  const [one, two] = [watch(policy), watch(other)];
  try {
    for (const [index, { at, value }] of facts.entries()) {
      for (const course of [one, two]) course.timeline.advanceTo(at);
      const before = firstDifference(one, two);
      if (before !== null) return { at: before, facts: index };
      for (const course of [one, two]) course.fact$.next(value);
      const after = firstDifference(one, two);
      if (after !== null) return { at: after, facts: index + 1 };
    }
    for (const course of [one, two]) course.timeline.advanceThrough(until);
    const last = firstDifference(one, two);
    return last === null ? null : { at: last, facts: facts.length };
  } finally {
    for (const course of [one, two]) course.stop();
  }
}

interface Watched {
  readonly timeline: Timeline;
  readonly fact$: Subject<Fact>;
  readonly done: At<SignalRank | KillRank>[];
  cause: At<Cause> | null;
  stop(): void;
}

function watch(policy: Policy): Watched {
  const timeline = new Timeline();
  const fact$ = new Subject<Fact>();
  const listeners = new Subscription();
  const watched: Watched = { timeline, fact$, done: [], cause: null, stop: () => listeners.unsubscribe() };
  const { command$, shutdown$ } = supervision(fact$, policy, timeline);
  listeners.add(shutdown$.subscribe((value) => (watched.cause = { at: timeline.now(), value })));
  const done$ = command$.pipe(filter((command) => command.type === 'SignalRank' || command.type === 'KillRank'));
  listeners.add(done$.subscribe((value) => watched.done.push({ at: timeline.now(), value })));
  return watched;
}

/** The time of the first difference of two courses that have come equally far. */
function firstDifference(one: Watched, two: Watched): number | null {
  const times: number[] = [];
  if (!sameCause(one.cause, two.cause)) times.push(one.cause?.at ?? Infinity, two.cause?.at ?? Infinity);
  const length = Math.max(one.done.length, two.done.length);
  for (let index = 0; index < length; index += 1) {
    const [a, b] = [one.done[index], two.done[index]];
    if (a?.at === b?.at && a?.value.type === b?.value.type && a?.value.rank === b?.value.rank) continue;
    times.push(a?.at ?? Infinity, b?.at ?? Infinity);
    break;
  }
  return times.length === 0 ? null : Math.min(...times);
}

function sameCause(a: At<Cause> | null, b: At<Cause> | null): boolean {
  return a?.at === b?.at && a?.value.kind === b?.value.kind;
}

/** Runs of unanswered probes after ready that a healthy answer ended. */
function recoveriesIn({ ranks, readiness, cause }: Story): readonly Recovery[] {
  const readyAt = readiness.find(({ value }) => value)?.at ?? Infinity;
  return ranks.flatMap(({ rank, events }) => {
    const found: Recovery[] = [];
    let from = NaN;
    let missed = 0;
    for (const { at, kind } of events) {
      if (at < readyAt || (cause !== null && at > cause.at)) continue;
      if (kind === 'healthy' && missed > 0) found.push({ rank, from, missed, to: at });
      if (kind === 'healthy' || kind === 'unhealthy') missed = 0;
      if (kind !== 'unanswered') continue;
      if (missed === 0) from = at;
      missed += 1;
    }
    return found;
  });
}
