import { type Observable, ReplaySubject, Subject } from 'rxjs';
import type { Command } from '../streams/commands.ts';
import type { Fact } from '../streams/facts.ts';
import type { Policy } from '../streams/policy.ts';
import { type GroupState, supervision, type Supervision } from '../streams/supervision.ts';
import { liveClock } from './drivers/clock.ts';
import { faultOf } from './drivers/faults.ts';

/**
 * A supervision in live time: hot, and with a way in for facts. No stream of it ever errors. When the core breaks,
 * that is a fact and a cause like any other, and `command$` completes without an `Exit`.
 */
export interface LiveCourse extends Supervision {
  /** Every fact, just before anything is done about it. Not replayed. */
  readonly fact$: Observable<Fact>;
  /** Milliseconds since the start, as the core has it: the time of the fact or command that is under way. */
  now(): number;
  /** Lets a fact happen. Never from within a command: then it comes on a later turn. */
  tell(fact: Fact): void;
  /** Begins; until then nothing is commanded. */
  begin(): void;
}

/** Ties the pure supervision to the live clock. All streams but `fact$` and `command$` replay their newest value. */
export function liveCourse(policy: Policy): LiveCourse {
  const clock = liveClock();
  const fact$ = new Subject<Fact>();
  const heard$ = new Subject<Fact>();
  const command$ = new Subject<Command>();
  const course = supervision(heard$, policy, clock.timeline);
  let newest: GroupState | undefined;
  // Whoever keeps a record has the fact before what is done about it, and has the last one too.
  command$.subscribe({ complete: () => clock.happen(() => fact$.complete()) });

  const state$ = hot(course.state$); // the first listener, so that it tells the whole of a change
  state$.subscribe((state) => (newest = state));
  const readiness$ = hot(course.readiness$);
  const shutdown$ = hot(course.shutdown$);

  return {
    fact$: fact$.asObservable(),
    command$: command$.asObservable(),
    state$: state$.asObservable(),
    readiness$: readiness$.asObservable(),
    shutdown$: shutdown$.asObservable(),
    now: () => clock.timeline.now(),
    tell,
    begin: () => clock.happen(() => relay(course.command$, command$)),
  };

  function tell(fact: Fact): void {
    try {
      clock.happen(() => {
        fact$.next(fact);
        heard$.next(fact);
      });
    } catch (error) {
      breakOff(error);
    }
  }

  /** Subscribes at once, and gives late subscribers the newest value. */
  function hot<T>(stream$: Observable<T>): ReplaySubject<T> {
    const subject = new ReplaySubject<T>(1);
    relay(stream$, subject);
    return subject;
  }

  function relay<T>(stream$: Observable<T>, subject: Subject<T>): void {
    stream$.subscribe({
      next: (value) => subject.next(value),
      complete: () => subject.complete(),
      error: (error: unknown) => breakOff(error),
    });
  }

  /** The core is at fault: says so in its place, where it has not said why it ends already, and says no more. */
  function breakOff(error: unknown): void {
    const fault = faultOf(error);
    const cause = newest?.cause ?? { kind: 'fault', error: fault.error, afterReady: newest?.phase === 'ready' };
    fact$.next(fault);
    readiness$.next(false);
    readiness$.complete();
    if (newest !== undefined) state$.next({ ...newest, phase: 'stopping', ready: false, cause });
    shutdown$.next(cause);
    for (const subject of [shutdown$, state$, command$]) subject.complete();
  }
}
