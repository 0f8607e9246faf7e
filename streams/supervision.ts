import {
  BehaviorSubject,
  combineLatest,
  distinctUntilChanged,
  filter,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  share,
  startWith,
  switchMap,
  take,
  takeWhile,
  tap,
} from 'rxjs';
import type { Command } from './commands.ts';
import type { Fact, StopSignal } from './facts.ts';
import { type Phase, tell } from './phases.ts';
import type { Policy } from './policy.ts';
import { probing } from './probing.ts';
import { isHealthy, ranks, type RankState } from './ranks.ts';
import { allHealthy, readiness } from './readiness.ts';
import { replayLatest } from './replay-latest.ts';
import { type Cause, secondSignal, shutdown } from './shutdown.ts';
import { stages, termination } from './termination.ts';

/** The course of a group's one life. Every stream but `command$` only tells; each replays its newest value. */
export interface Supervision {
  /** What shall be done. Subscribing to it begins the supervision; it completes after `Exit`. */
  readonly command$: Observable<Command>;
  /** Whether the group can take traffic; false at first. Completes once a shutdown has begun. */
  readonly readiness$: Observable<boolean>;
  /** The first cause, once. */
  readonly shutdown$: Observable<Cause>;
  /** All that is known, for people and dashboards. Completes when the group is gone. */
  readonly state$: Observable<GroupState>;
}

export interface GroupState {
  readonly phase: Phase;
  readonly ready: boolean;
  readonly cause: Cause | null;
  /** The signal that ended all waiting, where there was one. */
  readonly secondSignal?: StopSignal;
  readonly ranks: readonly RankState[];
}

/**
 * The whole diagram: facts in, commands out, nothing else touched. The same facts at the same times give
 * the same commands, live or in virtual time.
 *
 * @param fact$ what happened, hot; a fact never arrives from within a command
 * @param scheduler the only source of time; milliseconds
 */
export function supervision(fact$: Observable<Fact>, policy: Policy, scheduler: SchedulerLike): Supervision {
  // The one loop of the diagram: the phase that the streams below arrive at decides what the next fact means.
  const phase$ = new BehaviorSubject<Phase>('starting');
  const told$ = fact$.pipe(
    map((fact) => tell(fact, phase$.value)),
    share(),
  );

  // signals, exits and probe answers, merged into a readiness stream and a shutdown stream
  const ranks$ = told$.pipe(ranks(policy));
  const healthy$ = allHealthy(ranks$);
  const ready$ = healthy$.pipe(filter(Boolean), take(1), replayLatest());
  const shutdown$ = shutdown(told$, ranks$, ready$, policy, scheduler).pipe(replayLatest());
  const second$ = secondSignal(told$, policy, scheduler).pipe(replayLatest());
  const readiness$ = readiness(healthy$, shutdown$).pipe(replayLatest());

  // the shutdown stream triggers the forwarding of the signal and then the timed force kill, which a
  // second signal brings on at once
  const stage$ = shutdown$.pipe(
    switchMap((cause) => stages(cause, second$, ranks$, policy, scheduler)),
    replayLatest(),
  );
  const ending$ = shutdown$.pipe(switchMap((cause) => termination(cause, stage$, second$, ranks$, policy)));

  // what is known of the whole, in one piece: told first, so that nobody sees the half of a change
  const state$ = combineLatest([ranks$, phase$, shutdown$.pipe(startWith(null)), second$.pipe(startWith(null))]).pipe(
    map(([ranks, phase, cause, secondSignal]) => {
      const ready = phase === 'ready' && ranks.every(isHealthy);
      return { phase, ready, cause, ranks, ...(secondSignal && { secondSignal }) };
    }),
    // A cause, or a second signal, is told with the phase that it brings.
    distinctUntilChanged((a, b) => a.phase === b.phase && a.ranks === b.ranks),
    takeWhile(({ phase }) => phase !== 'gone', true),
    replayLatest(),
  );

  const probe$ = probing(told$, ready$, shutdown$, policy, scheduler);
  const start$ = from(policy.ranks).pipe(map((rank): Command => ({ type: 'StartRank', rank })));

  // Order matters: a listener that comes first is told first, so that the group is not ready, and says so,
  // before the first rank is signalled.
  const quiet = <T>(stream$: Observable<T>) => stream$.pipe(ignoreElements());
  const phases$ = merge(ready$.pipe(map((): Phase => 'ready')), stage$).pipe(tap((phase) => phase$.next(phase)));
  const command$ = merge(quiet(ranks$), quiet(state$), quiet(readiness$), quiet(phases$), ending$, probe$, start$).pipe(
    takeWhile(({ type }) => type !== 'Exit', true),
  );

  return { command$, readiness$, shutdown$, state$ };
}
