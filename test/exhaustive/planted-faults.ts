import {
  concatMap,
  delay,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  skip,
  switchMap,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs';
import type { SchedulerLike } from 'rxjs';
import type { Command } from '../../streams/commands.ts';
import type { Fact, FactType } from '../../streams/facts.ts';
import type { Policy } from '../../streams/policy.ts';
import { supervision, type Supervision } from '../../streams/supervision.ts';
import type { Sentence } from '../streams/invariants.ts';
import { NO_LIMIT, type Small } from './worlds.ts';
import type { Supervise } from '../streams/watched-course.ts';

/** A supervision with a fault, the promise that it breaks and a shortest history that shows it. */
export interface PlantedFault {
  readonly fault: string;
  readonly breaks: Sentence;
  readonly history: string;
  /** Where it shows, if not in `NO_LIMIT`. */
  readonly small?: Small;
  readonly supervise: Supervise;
}

/** At least one for each promise. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    fault: 'it kills one tick early',
    breaks: 'no rank is killed before the grace is over, unless a second signal has come',
    history: '0 exits',
    supervise: underPolicy((policy) => ({ ...policy, exitGraceMs: policy.exitGraceMs - 1 })),
  },
  {
    fault: 'it takes a signal that is told twice for a second one',
    breaks: 'no rank is killed before the grace is over, unless a second signal has come',
    history: 'SIGTERM; SIGINT',
    small: { ...NO_LIMIT, policy: { ...NO_LIMIT.policy, secondSignalAfterMs: 1 } },
    supervise: underPolicy((policy) => ({ ...policy, secondSignalAfterMs: 0 })),
  },
  {
    fault: 'it does not hear a second signal',
    breaks: 'a second signal kills at once whatever is left',
    history: 'SIGTERM; SIGINT',
    supervise: underPolicy((policy) => ({ ...policy, secondSignalAfterMs: Infinity })),
  },
  {
    fault: 'it waits one tick too long after the kill',
    breaks: 'every shutdown ends in exactly one Exit, within its time',
    history: '0 exits',
    supervise: underPolicy((policy) => ({ ...policy, killWaitMs: policy.killWaitMs + 1 })),
  },
  {
    fault: 'it exits twice',
    breaks: 'every shutdown ends in exactly one Exit, within its time',
    history: '0 exits',
    supervise: commanding(({ command$ }) =>
      command$.pipe(concatMap((command) => (command.type === 'Exit' ? [command, command] : [command]))),
    ),
  },
  {
    fault: 'it leaves a timer behind',
    breaks: 'nothing is commanded after Exit, and no timer is left',
    history: '0 exits',
    supervise: commanding(({ command$, shutdown$ }, _fact$, scheduler) =>
      merge(command$, shutdown$.pipe(delay(1_000, scheduler), ignoreElements())),
    ),
  },
  {
    fault: 'it is ready again when a 200 comes after the cause',
    breaks: 'the group is never ready after a shutdown cause',
    history: '0 exits; 0 answers 200',
    supervise: (fact$, policy, scheduler) => {
      const course = supervision(fact$, policy, scheduler);
      const gone$ = course.state$.pipe(ignoreElements(), endWith(null));
      const late$ = course.shutdown$.pipe(
        switchMap(() => ofType(fact$, 'ProbeAnswered')),
        takeUntil(gone$),
      );
      const again$ = late$.pipe(filter(({ status }) => status === 200));
      return { ...course, readiness$: merge(course.readiness$, again$.pipe(map(() => true))) };
    },
  },
  {
    fault: 'it says that it is not ready after the ranks have been told',
    breaks: 'readiness falls before the first rank is signalled',
    history: '0 answers 200; 1 answers 200; 0 exits',
    supervise: (fact$, policy, scheduler) => {
      const course = supervision(fact$, policy, scheduler);
      const soon = (ready: boolean) => timer(0, scheduler).pipe(map(() => ready));
      const late = (ready: boolean, index: number) => (ready || index === 0 ? of(ready) : soon(ready));
      return { ...course, readiness$: course.readiness$.pipe(concatMap(late)) };
    },
  },
  {
    fault: 'it kills without having asked',
    breaks: 'every rank that is killed was signalled before',
    history: '0 exits',
    supervise: commanding(({ command$ }) => command$.pipe(filter(({ type }) => type !== 'SignalRank'))),
  },
  {
    fault: 'it passes a second signal on',
    breaks: 'a rank is signalled once and killed once at most',
    history: 'SIGTERM; SIGINT',
    supervise: commanding(({ command$ }, fact$) => {
      const second$ = ofType(fact$, 'SignalReceived').pipe(skip(1));
      return besides(command$, second$.pipe(map(({ signal }): Command => ({ type: 'SignalRank', rank: 0, signal }))));
    }),
  },
  {
    fault: 'it probes a rank that has left',
    breaks: 'a rank that has left, or a group that is stopping, is not probed',
    history: '0 exits',
    supervise: commanding(({ command$ }, fact$) =>
      besides(command$, ordered('ProbeRank', ofType(fact$, 'RankExited'))),
    ),
  },
  {
    fault: 'it asks at once after an answer, and again when it is time',
    breaks: 'a rank is never asked again before it has answered',
    history: '0 answers 200',
    supervise: commanding(({ command$ }, fact$) =>
      besides(command$, ordered('ProbeRank', ofType(fact$, 'ProbeAnswered'))),
    ),
  },
  {
    fault: 'it starts a rank again that has left',
    breaks: 'every rank is ordered to start exactly once, before anything else',
    history: '0 exits; 0 is cleared',
    supervise: commanding(({ command$ }, fact$) =>
      besides(command$, ordered('StartRank', ofType(fact$, 'RankCleared'))),
    ),
  },
];

/** The same under another policy than the one that is promised. */
function underPolicy(change: (policy: Policy) => Policy): Supervise {
  return (fact$, policy, scheduler) => supervision(fact$, change(policy), scheduler);
}

/** The same with other commands. */
function commanding(
  change: (course: Supervision, fact$: Observable<Fact>, scheduler: SchedulerLike) => Observable<Command>,
): Supervise {
  return (fact$, policy, scheduler) => {
    const course = supervision(fact$, policy, scheduler);
    return { ...course, command$: change(course, fact$, scheduler) };
  };
}

function ofType<T extends FactType>(fact$: Observable<Fact>, type: T): Observable<Extract<Fact, { type: T }>> {
  return fact$.pipe(filter((fact): fact is Extract<Fact, { type: T }> => fact.type === type));
}

/** What is commanded besides ends with the rest: one fault at a time. */
function besides(command$: Observable<Command>, more$: Observable<Command>): Observable<Command> {
  return merge(command$, more$).pipe(takeWhile(({ type }) => type !== 'Exit', true));
}

function ordered(type: 'ProbeRank' | 'StartRank', of$: Observable<{ readonly rank: number }>): Observable<Command> {
  return of$.pipe(map(({ rank }) => ({ type, rank })));
}
