import {
  concat,
  distinct,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  scan,
  type SchedulerLike,
  share,
  startWith,
  switchMap,
  take,
  takeUntil,
  timer,
  withLatestFrom,
} from 'rxjs';
import type { Exit, KillRank, SignalRank } from './commands.ts';
import { exitStatus } from './exit-status.ts';
import type { StopSignal } from './facts.ts';
import type { Phase } from './phases.ts';
import { graceMs, type Policy } from './policy.ts';
import { isGone, isPresent, type RankState } from './ranks.ts';
import type { Cause } from './shutdown.ts';

/** The phases of an ending, in their order; `draining` and `killing` are left out when there is no need. */
export type Stage = Extract<Phase, 'draining' | 'stopping' | 'killing' | 'gone'>;

/**
 * When each stage of the ending begins: drain delay, then the grace, then the kill, each cut short by the
 * last rank going. The stage that is left takes its timer with it. A second signal cuts drain delay and grace
 * short, but leaves out neither: a rank is killed only after it has been signalled, be it in the same breath.
 *
 * @param second$ see `secondSignal`; replayed
 * @param ranks$ what is known of each rank; replayed
 */
export function stages(
  cause: Cause,
  second$: Observable<StopSignal>,
  ranks$: Observable<readonly RankState[]>,
  policy: Policy,
  scheduler: SchedulerLike,
): Observable<Stage> {
  const stage = (name: Stage, ms: number, cutShort$: Observable<unknown> = NEVER) =>
    concat(of(name), timer(ms, scheduler).pipe(ignoreElements(), takeUntil(cutShort$)));
  const allGone$ = ranks$.pipe(filter((ranks) => ranks.every(isGone)));

  return concat(
    drains(cause, policy) ? stage('draining', policy.drainDelayMs, second$) : EMPTY,
    stage('stopping', graceMs(policy), second$),
    stage('killing', policy.killWaitMs),
  ).pipe(takeUntil(allGone$), endWith<Stage>('gone'));
}

/**
 * What each stage commands: a signal to every rank that is there, and to one that only now turns out to
 * have started; the same again with SIGKILL; and one Exit.
 *
 * @param stage$ see {@link stages}
 * @param second$ see `secondSignal`; replayed
 * @param ranks$ what is known of each rank; replayed
 */
export function termination(
  cause: Cause,
  stage$: Observable<Stage>,
  second$: Observable<StopSignal>,
  ranks$: Observable<readonly RankState[]>,
  policy: Policy,
): Observable<SignalRank | KillRank | Exit> {
  const reached = (name: Stage) =>
    stage$.pipe(
      filter((stage) => stage === name),
      take(1),
    );
  const gone$ = reached('gone');
  const present$ = ranks$.pipe(
    mergeMap((ranks) => ranks.filter(isPresent).map(({ rank }) => rank)),
    distinct(),
    takeUntil(gone$),
  );
  const signal = signalFor(cause, policy);

  const signalled$ = reached('stopping').pipe(
    switchMap(() => present$),
    map((rank): SignalRank => ({ type: 'SignalRank', rank, signal })),
  );
  const killed$ = reached('killing').pipe(
    switchMap(() => present$),
    map((rank): KillRank => ({ type: 'KillRank', rank })),
    share(),
  );
  const killedRanks$ = killed$.pipe(
    scan((ranks, { rank }) => [...ranks, rank], [] as readonly number[]),
    startWith([]),
  );
  const exit$ = gone$.pipe(
    withLatestFrom(killedRanks$, second$.pipe(startWith(null))),
    // Asked anew, because the newest ranks are the ones that made the group gone.
    switchMap(([, killed, second]) =>
      ranks$.pipe(
        take(1),
        map((ranks) => exit(cause, ranks, killed, second)),
      ),
    ),
  );
  return merge(signalled$, killed$, exit$);
}

function exit(
  cause: Cause,
  ranks: readonly RankState[],
  killed: readonly number[],
  secondSignal: StopSignal | null,
): Exit {
  const left = ranks.filter((state) => !isGone(state)).map(({ rank }) => rank);
  const hurried = secondSignal === null ? {} : { secondSignal };
  return { type: 'Exit', status: exitStatus(cause, killed), cause, killed, left, ...hurried };
}

/** Traffic needs time to go elsewhere only when some was coming, and only when there is a choice. */
function drains(cause: Cause, policy: Policy): boolean {
  const asked = cause.kind === 'signal' || cause.kind === 'stop-requested';
  return asked && cause.afterReady && policy.drainDelayMs > 0;
}

/** The signal that came is the signal that is forwarded. */
function signalFor(cause: Cause, { stopSignal }: Policy): StopSignal {
  return cause.kind === 'signal' ? cause.signal : stopSignal;
}
