import { Subject } from 'rxjs';
import type { Command } from '../../streams/commands.ts';
import type { Fact } from '../../streams/facts.ts';
import type { At } from '../../streams/play.ts';
import type { Policy } from '../../streams/policy.ts';
import type { Cause } from '../../streams/shutdown.ts';
import { supervision, type Supervision } from '../../streams/supervision.ts';
import { Timeline } from '../../streams/timeline.ts';

/** One thing that happened, in the one order in which all of it happened; `at` in milliseconds. */
export type Noted =
  | { readonly at: number; readonly kind: 'fact'; readonly value: Fact }
  | { readonly at: number; readonly kind: 'command'; readonly value: Command }
  | { readonly at: number; readonly kind: 'ready'; readonly value: boolean }
  | { readonly at: number; readonly kind: 'cause'; readonly value: Cause };

/** A course that has been seen to its end, as the invariants look at it. */
export interface WatchedCourse {
  readonly log: readonly Noted[];
  /** Timers that were waiting when `Exit` had been commanded; 0 when it was not. */
  readonly timersLeft: number;
}

/** What is watched: `supervision`, or one with a fault planted in it. */
export type Supervise = typeof supervision;

/** A supervision under way: facts go in one by one, time is moved, and all that happens is noted. */
export interface Watch {
  readonly timeline: Timeline;
  readonly streams: Supervision;
  readonly log: readonly Noted[];
  tell(fact: Fact): void;
  /** See `Timeline`. */
  advanceTo(time: number): void;
  advanceThrough(time: number): void;
  end(): WatchedCourse;
}

/** Begins a supervision at time zero and notes all that it says, what it tells before what it commands. */
export function watch(policy: Policy, supervise: Supervise = supervision, timeline = new Timeline()): Watch {
  const fact$ = new Subject<Fact>();
  const log: Noted[] = [];
  const streams = supervise(fact$, policy, timeline);
  let exited = false;
  let timersLeft: number | null = null;

  // Nobody unsubscribes: all of it is held by nothing but this watch.
  streams.readiness$.subscribe((value) => log.push({ at: timeline.now(), kind: 'ready', value }));
  streams.shutdown$.subscribe((value) => log.push({ at: timeline.now(), kind: 'cause', value }));
  streams.command$.subscribe((value) => {
    log.push({ at: timeline.now(), kind: 'command', value });
    exited ||= value.type === 'Exit';
  });
  return { timeline, streams, log, tell, advanceTo, advanceThrough, end };

  function tell(fact: Fact): void {
    log.push({ at: timeline.now(), kind: 'fact', value: fact });
    fact$.next(fact);
    countTimers();
  }

  function advanceTo(time: number): void {
    runWhile((due) => due < time);
    timeline.advanceTo(time);
  }

  function advanceThrough(time: number): void {
    runWhile((due) => due <= time);
    timeline.advanceThrough(time);
  }

  /** One time after the other, so that what is left at the Exit is counted before it has run down. */
  function runWhile(isTime: (due: number) => boolean): void {
    for (let due = timeline.nextDue(); due !== null && isTime(due); due = timeline.nextDue()) {
      timeline.advanceThrough(due);
      countTimers();
    }
  }

  function countTimers(): void {
    if (exited) timersLeft ??= timeline.pending;
  }

  function end(): WatchedCourse {
    return { log, timersLeft: timersLeft ?? 0 };
  }
}

/**
 * Watches a whole list of facts, as `play` plays them.
 *
 * @param until in milliseconds; a shutdown that has begun by then is seen to its end
 */
export function watchAll(facts: readonly At<Fact>[], policy: Policy, until: number): WatchedCourse {
  const { log, tell, advanceTo, advanceThrough, end } = watch(policy);
  for (const { at, value } of facts) {
    advanceTo(at);
    tell(value);
  }
  advanceThrough(until);
  if (log.some(({ kind }) => kind === 'cause')) advanceThrough(Infinity);
  return end();
}
