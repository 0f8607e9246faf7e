import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

/**
 * Time as the core sees it, moved from outside: by the clock while a group lives, by the recorded times when
 * it is replayed. Both ways the same facts at the same times meet the same timers in the same order, which
 * is why a replay can be exact.
 *
 * A timer runs at the time that it is due, however late it is looked at: deadlines do not drift. Timers that
 * are due together run in the order in which they were set.
 */
export class Timeline implements SchedulerLike {
  #now = 0;
  #set = 0;
  readonly #timers: Timer<unknown>[] = [];

  /** Milliseconds since the start. */
  now(): number {
    return this.#now;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = new Timer<T>(work, (rescheduled, after) => this.#push(rescheduled as Timer<unknown>, after));
    return action.schedule(state, delay);
  }

  /** When the next timer is due; null when there is none. */
  nextDue(): number | null {
    this.#dropCancelled();
    return this.#timers[0]?.due ?? null;
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.filter(({ closed }) => !closed).length;
  }

  /** Runs every timer that is due before `time`, and lets it be `time`. What happens at `time` itself comes first. */
  advanceTo(time: number): void {
    this.#run((due) => due < time);
    this.#now = Math.max(this.#now, time);
  }

  /** Runs every timer that is due by `time`, and lets it be `time`. */
  advanceThrough(time: number): void {
    this.#run((due) => due <= time);
    if (Number.isFinite(time)) this.#now = Math.max(this.#now, time);
  }

  #run(isTime: (due: number) => boolean): void {
    for (let due = this.nextDue(); due !== null && isTime(due); due = this.nextDue()) {
      this.#now = Math.max(this.#now, due);
      this.#pop()?.run();
    }
  }

  #push(action: Timer<unknown>, delay: number): void {
    action.due = this.#now + delay;
    action.order = this.#set++;
    this.#timers.push(action);
    this.#rise(this.#timers.length - 1);
  }

  /** A cancelled timer stays in the heap until it comes to the top: cancelling is the common case, and cheap. */
  #dropCancelled(): void {
    while (this.#timers[0]?.closed) this.#pop();
  }

  #pop(): Timer<unknown> | undefined {
    const [top] = this.#timers;
    const last = this.#timers.pop();
    if (last !== undefined && last !== top) {
      this.#timers[0] = last;
      this.#sink(0);
    }
    return top;
  }

  #rise(index: number): void {
    for (let child = index; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfEarlier(child, parent)) return;
      child = parent;
    }
  }

  #sink(index: number): void {
    for (let parent = index; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const child = isEarlier(this.#timers[right], this.#timers[left]) ? right : left;
      if (!this.#swapIfEarlier(child, parent)) return;
      parent = child;
    }
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const [below, above] = [this.#timers[child], this.#timers[parent]];
    if (below === undefined || above === undefined || !isEarlier(below, above)) return false;
    this.#timers[child] = above;
    this.#timers[parent] = below;
    return true;
  }
}

class Timer<T> extends Subscription implements SchedulerAction<T> {
  due = NaN;
  order = NaN;
  #state: T | undefined;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  readonly #set: (action: Timer<T>, delay: number) => void;

  constructor(work: (this: SchedulerAction<T>, state?: T) => void, set: (action: Timer<T>, delay: number) => void) {
    super();
    this.#work = work;
    this.#set = set;
  }

  schedule(state?: T, delay = 0): Subscription {
    this.#state = state;
    if (!this.closed) this.#set(this, delay);
    return this;
  }

  run(): void {
    const { order } = this;
    this.#work(this.#state);
    if (this.order === order) this.unsubscribe(); // it did not set itself again
  }
}

function isEarlier(a: Timer<unknown> | undefined, b: Timer<unknown> | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
