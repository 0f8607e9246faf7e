import {
  EMPTY,
  filter,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  switchMap,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import type { StopSignal } from './facts.ts';
import type { Told } from './phases.ts';
import type { Policy } from './policy.ts';
import { isHealthy, leaderExit, type LeaderExit, type RankState } from './ranks.ts';

/** Why the group ends. There is one cause; all that happens after it is its consequence. */
export type Cause = {
  /** The group had been ready before. */
  readonly afterReady: boolean;
} & Reason;

export type Reason =
  | { readonly kind: 'signal'; readonly signal: StopSignal }
  | { readonly kind: 'stop-requested'; readonly reason: string }
  | { readonly kind: 'start-failed'; readonly rank: number; readonly error: string }
  | { readonly kind: 'exited'; readonly rank: number; readonly exit: LeaderExit }
  | { readonly kind: 'unhealthy'; readonly rank: number; readonly last: string; readonly failures: number }
  | { readonly kind: 'startup-timeout'; readonly ms: number; readonly waitingFor: readonly number[] }
  | { readonly kind: 'listener-failed'; readonly error: string }
  | { readonly kind: 'fault'; readonly error: string };

/**
 * Merges all that can end the group into its first cause, emitted once.
 *
 * @param told$ facts with their meaning
 * @param ranks$ what is known of each rank; replayed
 * @param ready$ emits once, when the group is ready for the first time; replayed
 */
export function shutdown(
  told$: Observable<Told>,
  ranks$: Observable<readonly RankState[]>,
  ready$: Observable<unknown>,
  policy: Policy,
  scheduler: SchedulerLike,
): Observable<Cause> {
  return merge(
    toldCauses(told$),
    unhealthyAfter(ready$, ranks$),
    startupTimeout(ready$, ranks$, policy, scheduler),
  ).pipe(take(1));
}

/**
 * The stop signal that is more than the first one told twice, and asks to wait for nothing any more. Emitted once.
 *
 * @param told$ facts with their meaning
 * @param scheduler is asked for the time alone: no timer is set
 */
export function secondSignal(
  told$: Observable<Told>,
  { secondSignalAfterMs }: Policy,
  scheduler: SchedulerLike,
): Observable<StopSignal> {
  const signal$ = told$.pipe(
    filter(({ meaning }) => meaning === 'cause' || meaning === 'insistence'),
    map(({ fact }) => (fact.type === 'SignalReceived' ? { signal: fact.signal, at: scheduler.now() } : null)),
    filter((received) => received !== null),
  );
  return signal$.pipe(
    take(1),
    switchMap((first) => signal$.pipe(filter(({ at }) => at - first.at >= secondSignalAfterMs))),
    take(1),
    map(({ signal }) => signal),
  );
}

/** Signals, stop requests, failed starts, exits, a lost listener and a fault of our own. */
function toldCauses(told$: Observable<Told>): Observable<Cause> {
  return told$.pipe(
    filter(({ meaning }) => meaning === 'cause'),
    map(({ fact, phase }): Cause | null => {
      const afterReady = phase === 'ready';
      switch (fact.type) {
        case 'SignalReceived':
          return { kind: 'signal', signal: fact.signal, afterReady };
        case 'StopRequested':
          return { kind: 'stop-requested', reason: fact.reason, afterReady };
        case 'RankStartFailed':
          return { kind: 'start-failed', rank: fact.rank, error: fact.error, afterReady };
        case 'RankExited':
          return { kind: 'exited', rank: fact.rank, exit: leaderExit(fact), afterReady };
        case 'ListenerFailed':
          return { kind: 'listener-failed', error: fact.error, afterReady };
        case 'SupervisorFailed':
          return { kind: 'fault', error: fact.error, afterReady };
        case 'RankStarted':
        case 'RankCleared':
        case 'ProbeAnswered':
        case 'ProbeFailed':
          return null;
      }
    }),
    filter((cause) => cause !== null),
  );
}

function unhealthyAfter(ready$: Observable<unknown>, ranks$: Observable<readonly RankState[]>): Observable<Cause> {
  return ready$.pipe(
    switchMap(() => ranks$),
    map((ranks) => ranks.find(({ health }) => health.verdict === 'unhealthy')),
    filter((state) => state !== undefined),
    map(({ rank, health }) => ({
      kind: 'unhealthy',
      rank,
      last: health.last ?? 'unknown',
      failures: health.failures,
      afterReady: true,
    })),
  );
}

function startupTimeout(
  ready$: Observable<unknown>,
  ranks$: Observable<readonly RankState[]>,
  { startupLimit }: Policy,
  scheduler: SchedulerLike,
): Observable<Cause> {
  if (startupLimit.kind === 'none') return EMPTY;
  const { ms } = startupLimit;
  return timer(ms, scheduler).pipe(
    takeUntil(ready$),
    switchMap(() => ranks$.pipe(take(1))),
    map((ranks) => ({
      kind: 'startup-timeout',
      ms,
      waitingFor: ranks.filter((state) => !isHealthy(state)).map(({ rank }) => rank),
      afterReady: false,
    })),
  );
}
