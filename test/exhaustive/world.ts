import type { Fact } from '../../streams/facts.ts';
import type { Policy } from '../../streams/policy.ts';
import { Timeline } from '../../streams/timeline.ts';
import { watch, type Supervise, type Watch, type WatchedCourse } from '../streams/watched-course.ts';

/**
 * What can happen next: a fact in this instant (after a timer: a little later, as the live clock has it), a
 * fact at the very time at which a timer is due, before it, or that timer.
 */
export type Step =
  { readonly kind: 'timer' } | { readonly kind: 'fact'; readonly when: 'now' | 'at the timer'; readonly fact: Fact };

/** How much later than a timer the next fact comes, in milliseconds; the live clock: at least a microsecond. */
const LITTLE_MS = 1;

/**
 * What happens in a world. `small`: every rank starts at time zero, before anything else; after that probes are
 * answered with 200, 503 or a refusal, leaders exit, trees are cleared and up to two signals come. `whole`: all
 * that the vocabulary of facts has; starts come when they like or fail, and a signal, a stop request and the loss
 * of the listener come once each. A fault of our own is left out: it means what the loss of the listener means.
 */
export type Vocabulary = 'small' | 'whole';

const sigterm: Fact = { type: 'SignalReceived', signal: 'SIGTERM' };
const sigint: Fact = { type: 'SignalReceived', signal: 'SIGINT' };
const stop: Fact = { type: 'StopRequested', reason: 'asked' };
const lost: Fact = { type: 'ListenerFailed', error: 'lost' };

/** What comes once from outside: in this order, or in any. */
const FROM_OUTSIDE = { small: [sigterm, sigint], whole: [sigterm, stop, lost] } as const;

/** What is true of a rank's processes, whatever the core makes of it. */
interface Rank {
  readonly number: number;
  life: 'starting' | 'running' | 'exited' | 'cleared';
  /** A probe is under way: it may be answered in any way at any time, even when the leader has left since. */
  asked: boolean;
}

/**
 * A small world around one supervision. It knows what can happen and lets it happen; it knows nothing of what
 * should be done about it.
 */
export class World {
  readonly course: Watch;
  readonly ranks: readonly Rank[];
  readonly #vocabulary: Vocabulary;
  /** What has not come from outside yet. */
  outside: readonly Fact[];
  /** The last step was a timer. */
  afterTimer = false;
  #heard = 0;
  /** `Exit` has been commanded. */
  over = false;

  constructor(policy: Policy, vocabulary: Vocabulary, supervise: Supervise, timeline = new Timeline()) {
    this.#vocabulary = vocabulary;
    this.outside = FROM_OUTSIDE[vocabulary];
    this.course = watch(policy, supervise, timeline);
    this.ranks = policy.ranks.map((number) => ({ number, life: 'starting', asked: false }));
    this.#hear();
    if (vocabulary === 'small') for (const { number } of this.ranks) this.#tell(started(number));
  }

  /** All that can happen next; nothing once it is over. */
  possible(): readonly Step[] {
    if (this.over) return [];
    const due = this.course.timeline.nextDue();
    const facts = this.#facts();
    const now = facts.map((fact): Step => ({ kind: 'fact', when: 'now', fact }));
    if (due === null) return now;
    const timer: Step = { kind: 'timer' };
    if (due <= this.#soon()) return [...now, timer];
    return [...now, timer, ...facts.map((fact): Step => ({ kind: 'fact', when: 'at the timer', fact }))];
  }

  /** Lets one of the possible steps happen. */
  take(step: Step): void {
    const { course } = this;
    const due = course.timeline.nextDue() ?? Infinity;
    if (step.kind === 'timer') {
      course.advanceThrough(due);
      this.#hear();
      this.afterTimer = true;
      return;
    }
    course.advanceTo(step.when === 'at the timer' ? due : Math.min(due, this.#soon()));
    this.#tell(step.fact);
    this.afterTimer = false;
  }

  /**
   * Sees the course to its end: nothing is heard any more, but timers go on; after an `Exit`, everything that
   * could still happen does.
   */
  finish(): WatchedCourse {
    this.course.advanceThrough(Infinity);
    this.#hear();
    if (this.over) for (const fact of this.#facts()) this.course.tell(fact);
    return this.course.end();
  }

  /** When a fact comes that comes now. */
  #soon(): number {
    return this.course.timeline.now() + (this.afterTimer ? LITTLE_MS : 0);
  }

  #facts(): readonly Fact[] {
    const facts: Fact[] = [];
    const whole = this.#vocabulary === 'whole';
    for (const { number: rank, life, asked } of this.ranks) {
      if (asked) {
        facts.push({ type: 'ProbeAnswered', rank, status: 200 });
        facts.push({ type: 'ProbeAnswered', rank, status: 503 });
        facts.push({ type: 'ProbeFailed', rank, fault: 'server', reason: 'refused' });
        if (whole) facts.push({ type: 'ProbeFailed', rank, fault: 'prober', reason: 'EMFILE' });
      }
      if (life === 'starting') facts.push(started(rank), { type: 'RankStartFailed', rank, error: 'no memory' });
      if (life === 'running') facts.push({ type: 'RankExited', rank, code: 1, signal: null });
      if (life === 'exited') facts.push({ type: 'RankCleared', rank });
    }
    return [...facts, ...(whole ? this.outside : this.outside.slice(0, 1))];
  }

  #tell(fact: Fact): void {
    this.#live(fact);
    this.course.tell(fact);
    this.#hear();
  }

  #live(fact: Fact): void {
    this.outside = this.outside.filter((other) => other !== fact);
    const rank = 'rank' in fact ? this.ranks.find(({ number }) => number === fact.rank) : undefined;
    if (rank === undefined) return;
    if (fact.type === 'RankStarted') rank.life = 'running';
    else if (fact.type === 'RankExited') rank.life = 'exited';
    else if (fact.type === 'RankCleared' || fact.type === 'RankStartFailed') rank.life = 'cleared';
    else rank.asked = false;
  }

  /** What was commanded since: a probe is under way from its command on. */
  #hear(): void {
    const { log } = this.course;
    for (; this.#heard < log.length; this.#heard += 1) {
      const noted = log[this.#heard];
      if (noted?.kind !== 'command') continue;
      if (noted.value.type === 'Exit') this.over = true;
      else if (noted.value.type === 'ProbeRank') {
        const { rank } = noted.value;
        for (const asked of this.ranks) if (asked.number === rank) asked.asked = true;
      }
    }
  }
}

function started(rank: number): Fact {
  return { type: 'RankStarted', rank, pid: 100 + rank };
}
