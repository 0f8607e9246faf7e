import { distinctUntilChanged, filter, map, Subject, Subscription } from 'rxjs';
import type { Command, Exit } from './commands.ts';
import type { Fact } from './facts.ts';
import type { Phase } from './phases.ts';
import type { At } from './play.ts';
import { graceMs, type Policy } from './policy.ts';
import type { Cause } from './shutdown.ts';
import { supervision } from './supervision.ts';
import { Timeline } from './timeline.ts';

/** The course of a group, sorted for looking at: what a picture of it shows. Times are milliseconds since the start. */
export interface Story {
  readonly policy: Policy;
  /** The last thing that is known, or that was done. */
  readonly end: number;
  /** In the order of the policy. */
  readonly ranks: readonly RankStory[];
  /** What came to the supervisor itself: a signal's name, `stop requested`, `port lost`, `fault`. */
  readonly signals: readonly At<string>[];
  /** Changes of readiness, beginning with false at 0. */
  readonly readiness: readonly At<boolean>[];
  readonly cause: At<Cause> | null;
  /** Drain delay, grace and kill: when each began, and until when it could have gone on. */
  readonly windows: readonly Window[];
  readonly exit: At<Exit> | null;
}

export interface RankStory {
  readonly rank: number;
  /** In the order in which they happened. */
  readonly events: readonly RankEvent[];
}

export interface RankEvent {
  readonly at: number;
  readonly kind: RankEventKind;
  /** What it brought: `200`, `timeout`, `code 17`, `SIGKILL`, ... */
  readonly text: string;
  /** `cause` is the one event that ended the group; what comes after it is its `consequence`. */
  readonly role: 'normal' | 'cause' | 'consequence';
}

/**
 * - `started`, `start-failed`, `exited`, `cleared`: facts of the rank's processes
 * - `healthy` (a 200), `unhealthy` (any other answer), `unanswered`, `prober-fault`: what a probe brought
 * - `signalled`, `killed`: what was commanded
 */
export type RankEventKind =
  | 'started'
  | 'start-failed'
  | 'exited'
  | 'cleared'
  | 'healthy'
  | 'unhealthy'
  | 'unanswered'
  | 'prober-fault'
  | 'signalled'
  | 'killed';

export interface Window {
  readonly phase: Extract<Phase, 'draining' | 'stopping' | 'killing'>;
  readonly from: number;
  /** When it would have been over by itself. */
  readonly deadline: number;
  /** When it was over. */
  readonly to: number;
}

/**
 * Plays facts and sorts what comes of them.
 *
 * @param facts in the order of their times
 * @param toTheEnd whether a shutdown that is under way when the facts end is seen to its end, although nothing
 *   more is heard of the ranks; false shows what is known and no more
 * @param until how far it is known when that is later than the last fact, in milliseconds
 */
export function storyOf(facts: Iterable<At<Fact>>, policy: Policy, toTheEnd: boolean, until = 0): Story {
  const timeline = new Timeline();
  const fact$ = new Subject<Fact>();
  const { command$, readiness$, shutdown$, state$ } = supervision(fact$, policy, timeline);
  const events = new Map(policy.ranks.map((rank) => [rank, [] as RankEvent[]]));
  const signals: At<string>[] = [];
  const readiness: At<boolean>[] = [];
  const phases: At<Phase>[] = [];
  const told: { cause: At<Cause> | null; exit: At<Exit> | null } = { cause: null, exit: null };
  const now = <T>(value: T): At<T> => ({ at: timeline.now(), value });

  const listeners = new Subscription();
  listeners.add(shutdown$.subscribe((cause) => (told.cause = now(cause))));
  listeners.add(readiness$.subscribe((ready) => readiness.push(now(ready))));
  listeners.add(
    state$
      .pipe(
        map(({ phase }) => phase),
        distinctUntilChanged(),
      )
      .subscribe((phase) => phases.push(now(phase))),
  );
  listeners.add(
    command$.pipe(filter(({ type }) => type !== 'StartRank' && type !== 'ProbeRank')).subscribe((command) => {
      if (command.type === 'Exit') told.exit = now(command);
      else note(commandEvent(command));
    }),
  );

  let last = 0;
  const healthy = new Set<number>();
  for (const { at, value } of facts) {
    timeline.advanceTo(at);
    last = at;
    const hadCause = told.cause !== null;
    const index = note({ ...factEvent(value), role: hadCause ? 'consequence' : 'normal' });
    // A healthy answer behind a healthy one changes nothing but when to ask again, which no story tells:
    // leaving it out makes a day as quick to read as its bad minutes.
    if (isRepeated(value, healthy)) continue;
    fact$.next(value);
    if (!hadCause && told.cause !== null) blame(index);
  }
  timeline.advanceThrough(Math.max(last, until));
  if (toTheEnd && told.cause !== null) timeline.advanceThrough(Infinity);
  listeners.unsubscribe();

  const end = Math.max(last, until, told.exit?.at ?? 0, told.cause?.at ?? 0);
  return {
    policy,
    end,
    ranks: policy.ranks.map((rank) => ({ rank, events: events.get(rank) ?? [] })),
    signals,
    readiness,
    ...told,
    windows: windowsOf(phases, policy, end),
  };

  /** Puts an event into its rank's lane, before what it causes; gives its place there. */
  function note(found: FoundEvent): { rank: number; index: number } | null {
    const { rank, ...event } = found;
    const at = timeline.now();
    if (rank === null) {
      signals.push({ at, value: event.text });
      return null;
    }
    const lane = events.get(rank);
    return lane === undefined ? null : { rank, index: lane.push({ at, ...event }) - 1 };
  }

  function blame(place: { rank: number; index: number } | null): void {
    const lane = place === null ? undefined : events.get(place.rank);
    const event = place === null ? undefined : lane?.[place.index];
    if (lane !== undefined && place !== null && event !== undefined) lane[place.index] = { ...event, role: 'cause' };
  }
}

/** Whether this is one more 200 of a rank whose last word was a 200. */
function isRepeated(fact: Fact, healthy: Set<number>): boolean {
  if (!('rank' in fact)) return false;
  const isHealthy = fact.type === 'ProbeAnswered' && fact.status === 200;
  if (isHealthy && healthy.has(fact.rank)) return true;
  if (isHealthy) healthy.add(fact.rank);
  else healthy.delete(fact.rank);
  return false;
}

type FoundEvent = Omit<RankEvent, 'at'> & { readonly rank: number | null };

function factEvent(fact: Fact): Omit<FoundEvent, 'role'> {
  switch (fact.type) {
    case 'RankStarted':
      return { rank: fact.rank, kind: 'started', text: `pid ${fact.pid}` };
    case 'RankStartFailed':
      return { rank: fact.rank, kind: 'start-failed', text: fact.error };
    case 'RankExited':
      return { rank: fact.rank, kind: 'exited', text: fact.signal ?? `code ${fact.code ?? 0}` };
    case 'RankCleared':
      return { rank: fact.rank, kind: 'cleared', text: 'nothing is left' };
    case 'ProbeAnswered':
      return { rank: fact.rank, kind: fact.status === 200 ? 'healthy' : 'unhealthy', text: String(fact.status) };
    case 'ProbeFailed':
      return { rank: fact.rank, kind: fact.fault === 'server' ? 'unanswered' : 'prober-fault', text: fact.reason };
    case 'SignalReceived':
      return { rank: null, kind: 'signalled', text: fact.signal };
    case 'StopRequested':
      return { rank: null, kind: 'signalled', text: 'stop requested' };
    case 'ListenerFailed':
      return { rank: null, kind: 'signalled', text: 'port lost' };
    case 'SupervisorFailed':
      return { rank: null, kind: 'signalled', text: 'fault' };
  }
}

function commandEvent(command: Exclude<Command, Exit>): FoundEvent {
  const { rank } = command;
  if (command.type === 'SignalRank') return { rank, kind: 'signalled', text: command.signal, role: 'consequence' };
  return { rank, kind: 'killed', text: 'SIGKILL', role: 'consequence' };
}

function windowsOf(phases: readonly At<Phase>[], policy: Policy, end: number): Window[] {
  const lengths = { draining: policy.drainDelayMs, stopping: graceMs(policy), killing: policy.killWaitMs };
  return phases.flatMap(({ at, value }, index) => {
    if (value !== 'draining' && value !== 'stopping' && value !== 'killing') return [];
    return [{ phase: value, from: at, deadline: at + lengths[value], to: phases[index + 1]?.at ?? end }];
  });
}
