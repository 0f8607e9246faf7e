import { Subject, Subscription } from 'rxjs';
import type { Command } from './commands.ts';
import type { Fact } from './facts.ts';
import type { Policy } from './policy.ts';
import type { Cause } from './shutdown.ts';
import { type GroupState, supervision } from './supervision.ts';
import { Timeline } from './timeline.ts';

/** Something at a time: milliseconds since the start. */
export interface At<T> {
  readonly at: number;
  readonly value: T;
}

/** What the core did with a course of facts. */
export interface Course {
  readonly commands: readonly At<Command>[];
  readonly readiness: readonly At<boolean>[];
  readonly shutdown: At<Cause> | null;
  readonly states: readonly At<GroupState>[];
  /** Timers still waiting at the end. None once `Exit` has been commanded. */
  readonly pendingTimers: number;
}

/**
 * Plays facts through the supervision in virtual time. A fact comes before a timer of the same millisecond;
 * facts of the same millisecond come in the order of the list.
 *
 * @param facts in the order of their times
 * @param until when to stop looking, in milliseconds; a shutdown that has begun by then is seen to its end
 */
export function play(facts: readonly At<Fact>[], policy: Policy, until: number): Course {
  const timeline = new Timeline();
  const fact$ = new Subject<Fact>();
  const { command$, readiness$, shutdown$, state$ } = supervision(fact$, policy, timeline);
  const now = <T>(value: T): At<T> => ({ at: timeline.now(), value });

  const commands: At<Command>[] = [];
  const readiness: At<boolean>[] = [];
  const states: At<GroupState>[] = [];
  let shutdown: At<Cause> | null = null;

  // Not tied to the subscription of the commands, which ends with Exit, before everybody has heard why.
  const listeners = new Subscription();
  listeners.add(readiness$.subscribe((ready) => readiness.push(now(ready))));
  listeners.add(shutdown$.subscribe((cause) => (shutdown = now(cause))));
  listeners.add(state$.subscribe((state) => states.push(now(state))));
  listeners.add(command$.subscribe((command) => commands.push(now(command))));

  for (const { at, value } of facts) {
    timeline.advanceTo(at);
    fact$.next(value);
  }
  timeline.advanceThrough(until);
  const over = () => commands.at(-1)?.value.type === 'Exit';
  for (let due = timeline.nextDue(); shutdown !== null && !over() && due !== null; due = timeline.nextDue()) {
    timeline.advanceThrough(due);
  }
  const pendingTimers = timeline.pending;
  listeners.unsubscribe();
  return { commands, readiness, shutdown, states, pendingTimers };
}
