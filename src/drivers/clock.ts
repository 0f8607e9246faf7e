import { Timeline } from '../../streams/timeline.ts';

/** The owner of live time: it moves the core's timeline along the monotonic clock. */
export interface Clock {
  /** What the core takes for time: milliseconds since the first thing happened, with microseconds as decimals. */
  readonly timeline: Timeline;
  /**
   * Lets something happen to the core, now. Timers that are due come first. Called from within something
   * that happens, it comes on a later turn: no command is ever answered inside its own call.
   */
  happen(work: () => void): void;
}

/** What setTimeout can wait for, in milliseconds; a longer wait is looked at again on the way. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
const MICROSECOND_MS = 0.001;

/** Starts at zero with the first thing that happens, as a replay does. A step of the wall clock changes nothing. */
export function liveClock(): Clock {
  const timeline = new Timeline();
  let busy = false;
  let startedAt: number | null = null;
  let looked = -MICROSECOND_MS;
  let alarm: { readonly due: number; readonly timer: NodeJS.Timeout } | null = null;

  return { timeline, happen };

  function happen(work: () => void): void {
    if (busy) {
      queueMicrotask(() => happen(work));
      return;
    }
    turn(() => {
      // Later than every timer that has run, so that a replay by the recorded times keeps their order.
      timeline.advanceTo(Math.max(elapsed(), looked + MICROSECOND_MS));
      work();
    });
  }

  function wake(): void {
    alarm = null;
    turn(() => {
      looked = elapsed();
      timeline.advanceThrough(looked);
    });
  }

  function turn(work: () => void): void {
    busy = true;
    try {
      work();
    } finally {
      busy = false;
      setAlarm();
    }
  }

  function setAlarm(): void {
    const due = timeline.nextDue();
    if (due === alarm?.due) return;
    clearTimeout(alarm?.timer);
    if (due === null) alarm = null;
    else alarm = { due, timer: setTimeout(wake, Math.min(Math.max(0, Math.ceil(due - elapsed())), LONGEST_WAIT_MS)) };
  }

  function elapsed(): number {
    const now = performance.now();
    startedAt ??= now;
    return Math.round((now - startedAt) * 1_000) / 1_000;
  }
}
