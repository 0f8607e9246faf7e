import {
  defer,
  EMPTY,
  exhaustMap,
  filter,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  type SchedulerLike,
  startWith,
  switchMap,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import type { ProbeRank } from './commands.ts';
import type { Told } from './phases.ts';
import type { Policy } from './policy.ts';
import { replayLatest } from './replay-latest.ts';

/**
 * When to probe each rank: as soon as it has started, and then one interval after the start of the probe
 * before, or at once when that took longer; never twice at once. Each rank keeps its own clock. When the
 * group becomes ready, the waits that are under way are stretched to the longer interval.
 *
 * @param told$ facts with their meaning
 * @param ready$ emits once, when the group is ready for the first time; replayed
 * @param shutdown$ emits once, when probing is over
 */
export function probing(
  told$: Observable<Told>,
  ready$: Observable<unknown>,
  shutdown$: Observable<unknown>,
  policy: Policy,
  scheduler: SchedulerLike,
): Observable<ProbeRank> {
  const interval$ = ready$.pipe(
    map(() => policy.probeIntervalMs),
    startWith(policy.startupProbeIntervalMs),
    replayLatest(),
  );
  // A stream for each rank, so that a fact costs the same however many ranks there are.
  const probe$ = told$.pipe(
    filter(({ meaning }) => meaning === 'progress' || meaning === 'health'),
    groupBy(({ fact }) => ('rank' in fact ? fact.rank : null)),
    mergeMap((rank$) =>
      isOneOf(policy.ranks, rank$.key) ? probingOne(rank$.key, rank$, interval$, scheduler) : EMPTY,
    ),
  );
  return merge(interval$.pipe(ignoreElements()), probe$).pipe(takeUntil(shutdown$));
}

function isOneOf(ranks: readonly number[], key: number | null): key is number {
  return key !== null && ranks.includes(key);
}

function probingOne(
  rank: number,
  told$: Observable<Told>,
  interval$: Observable<number>,
  scheduler: SchedulerLike,
): Observable<ProbeRank> {
  const started$ = told$.pipe(filter(({ fact }) => fact.type === 'RankStarted'));
  const answered$ = told$.pipe(filter(({ meaning }) => meaning === 'health'));

  const asking$ = defer(() => {
    let sentAt = NaN;
    const ask = (): ProbeRank => {
      sentAt = scheduler.now();
      return { type: 'ProbeRank', rank };
    };
    const due$ = interval$.pipe(
      switchMap((interval) => timer(Math.max(0, sentAt + interval - scheduler.now()), scheduler)),
      take(1),
    );
    // One subscription for all answers: a day has a hundred thousand. What comes before its question is due is none.
    const again$ = answered$.pipe(
      exhaustMap(() => due$),
      map(ask),
    );
    return again$.pipe(startWith(ask())); // no answer can be missed: a fact never arrives from within a command
  });

  return started$.pipe(
    take(1),
    switchMap(() => asking$),
  );
}
