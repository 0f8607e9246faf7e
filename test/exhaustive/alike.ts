import type { SchedulerAction, Subscription } from 'rxjs';
import type { Policy } from '../../streams/policy.ts';
import type { GroupState } from '../../streams/supervision.ts';
import { Timeline } from '../../streams/timeline.ts';
import type { Supervise } from '../streams/watched-course.ts';
import { type Vocabulary, World } from './world.ts';

/**
 * A world that can tell what it has come to, so that two histories that have come to the same need to be gone
 * on from once only.
 *
 * Why that is sound: what the core does next depends on what its operators hold and on its timers, and all of
 * that is in `likeness`. The streams hold the phase, the cause and what is known of each rank (`state$`), when
 * each rank was last asked (`probing`), when the first signal came (`secondSignal`), and whom the ending has
 * signalled and killed (`termination`); timers are taken from the timeline itself. All times are taken relative to now, because the core only ever adds to
 * `now()`. Three things are left out, and each has its reason beside it. What the invariants remember of a
 * past is in it too. A test holds all this against random histories.
 */
export class TellingWorld extends World {
  readonly #policy: Policy;
  readonly #timers: OpenTimers;
  #state: GroupState | undefined;

  constructor(policy: Policy, vocabulary: Vocabulary, supervise: Supervise) {
    const timers = new OpenTimers();
    super(policy, vocabulary, supervise, timers);
    this.#policy = policy;
    this.#timers = timers;
    this.course.streams.state$.subscribe((state) => (this.#state = state));
  }

  /** Equal for two worlds exactly when the same steps lead both to the same commands, as far as is known. */
  likeness(): string {
    // After an Exit nothing is possible, and all that there was has been held against the promises.
    if (this.over) return 'over';
    const { phase, cause, secondSignal, ready, ranks } = this.#state ?? never();
    const now = this.course.timeline.now();
    const told = this.ranks.map(({ life, asked }, index) => [life, asked, (ranks[index] ?? never()).life.is]);
    // Once a cause is known, nobody looks at health or probes again: `phases.ts`, `probing`.
    const probed = ranks.map(({ rank, health }) => [
      health.verdict,
      // Failures in a row count up to the threshold; what comes on top changes nothing.
      Math.min(health.failures, this.#policy.probeFailureThreshold),
      // A question that is older than the longest interval is followed by the next as soon as it is answered.
      Math.min(now - this.#lastAsked(rank), this.#longestInterval()),
    ]);
    // Whom a cause blames, and with what words, is passed on to the Exit and looked at by nobody on the way.
    const ended = cause && [cause.kind, cause.afterReady, cause.kind === 'signal' ? cause.signal : null];
    // More than SIGKILL cannot be done: how long ago the first signal came matters until then.
    const signalled = phase === 'killing' ? secondSignal : this.#sinceSignal();
    const { outside, afterTimer } = this;
    return JSON.stringify([
      phase,
      ready,
      outside.map(({ type }) => type),
      afterTimer,
      told,
      this.#timers.waits(),
      cause === null ? [probed, this.#answeredLast()] : [ended, this.#commanded(), signalled],
    ]);
  }

  /** What has been said and done since the log had so many entries, with its times relative to now. */
  done(since: number): string {
    const now = this.course.timeline.now();
    const said = this.course.log.slice(since).filter(({ kind }) => kind !== 'fact');
    return JSON.stringify(
      said.map(({ at, kind, value }) => [at - now, kind, value]),
      (key, value: unknown) => (key === 'cause' || key === 'reason' ? undefined : value),
    );
  }

  /** Who has been signalled and killed; in which order does not matter later. */
  #commanded(): readonly string[] {
    return this.course.log
      .flatMap(({ kind, value }) =>
        kind === 'command' && (value.type === 'SignalRank' || value.type === 'KillRank')
          ? [`${value.type} ${value.rank}`]
          : [],
      )
      .sort();
  }

  /** How long ago the first stop signal came, up to where any other is a second one. */
  #sinceSignal(): number | null {
    const first = this.course.log.find(({ kind, value }) => kind === 'fact' && value.type === 'SignalReceived');
    return first ? Math.min(this.course.timeline.now() - first.at, this.#policy.secondSignalAfterMs) : null;
  }

  #lastAsked(rank: number): number {
    const asked = this.course.log.findLast(
      ({ kind, value }) => kind === 'command' && value.type === 'ProbeRank' && value.rank === rank,
    );
    return asked?.at ?? NaN;
  }

  /** Timers of two ranks that are due together run in the order in which the answers came that set them. */
  #answeredLast(): number | null {
    if (this.ranks.some(({ asked }) => asked)) return null;
    const answer = this.course.log.findLast(
      ({ kind, value }) => kind === 'fact' && (value.type === 'ProbeAnswered' || value.type === 'ProbeFailed'),
    );
    return answer?.kind === 'fact' && 'rank' in answer.value ? answer.value.rank : null;
  }

  #longestInterval(): number {
    return Math.max(this.#policy.startupProbeIntervalMs, this.#policy.probeIntervalMs);
  }
}

/** A timeline that can list its timers. */
class OpenTimers extends Timeline {
  #open: { readonly due: number; readonly timer: Subscription }[] = [];

  override schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const timer = super.schedule(work, delay, state);
    this.#open = [...this.#open.filter((open) => !open.timer.closed), { due: this.now() + delay, timer }];
    return timer;
  }

  /** How long each timer still waits, in milliseconds, in the order in which they were set. */
  waits(): readonly number[] {
    return this.#open.filter(({ timer }) => !timer.closed).map(({ due }) => due - this.now());
  }
}

function never(): never {
  throw new Error('unreachable: the core tells its state from the start, with every rank of the policy');
}
