import { Timeline } from '../../streams/timeline.ts';

/** The owner of live time: it moves the core's timeline along the monotonic clock. */
export interface Clock {
  /**
   * What the core takes for time: milliseconds since the first thing happened, with microseconds as decimals. Time for
   * which this process was stopped (SIGSTOP, a frozen container) is not among them.
   */
  readonly timeline: Timeline;
  /**
   * Lets something happen to the core, now. Timers that are due come first. Called from within something
   * that happens, it comes on a later turn: no command is ever answered inside its own call.
   */
  happen(work: () => void): void;
}

/** So often the clock is read while something is due, in milliseconds: a stop is told by a reading that comes late. */
const LONGEST_WAIT_MS = 250;
/** How late a reading may be on a busy machine. */
const LATE_MS = 250;
/** Long enough for a turn of the loop, in milliseconds. */
const JUST_BEFORE_MS = 20;
const MICROSECOND_MS = 0.001;

/** Starts at zero with the first thing that happens, as a replay does. A step of the wall clock changes nothing. */
export function liveClock(): Clock {
  const timeline = new Timeline();
  let busy = false;
  let time = 0;
  let readAt: number | null = null;
  let slept = false;
  let looked = -MICROSECOND_MS;
  let alarm: { readonly due: number; readonly at: number; readonly timer: NodeJS.Timeout } | null = null;

  return { timeline, happen };

  function happen(work: () => void): void {
    if (busy) {
      queueMicrotask(() => happen(work));
      return;
    }
    turn(() => {
      // Later than every timer that has run, so that a replay by the recorded times keeps their order.
      timeline.advanceTo(Math.max(toMicroseconds(time), looked + MICROSECOND_MS));
      work();
    });
  }

  function wake(): void {
    turn(() => {
      alarm = null;
      looked = toMicroseconds(time);
      timeline.advanceThrough(looked);
    });
  }

  function turn(work: () => void): void {
    busy = true;
    try {
      countWait();
      work();
    } finally {
      countTurn();
      busy = false;
      setAlarm();
    }
  }

  function setAlarm(): void {
    const due = timeline.nextDue();
    if (due === alarm?.due) return;
    clearTimeout(alarm?.timer);
    if (due === null) {
      alarm = null;
      return;
    }
    const wait = Math.min(Math.max(0, Math.ceil(due - time)), LONGEST_WAIT_MS);
    alarm = { due, at: time + wait, timer: setTimeout(wake, wait) };
  }

  /**
   * Time between two turns. Where it was much longer than it was to be, this process was stopped: then it counts for no
   * more than that, and not for what is due, because what came meanwhile, such as the exit of a rank, is read before. So
   * close to it only once: on a machine on which every reading is late nothing would ever fall due.
   */
  function countWait(): void {
    const passed = sinceLastReading();
    if (alarm === null || time + passed <= alarm.at + LATE_MS) {
      time += passed;
      slept = false;
      return;
    }
    const counted = Math.min(alarm.at, alarm.due - JUST_BEFORE_MS) - time;
    time += counted > 0 || !slept ? Math.max(0, counted) : passed;
    slept = true;
  }

  /** Time within a turn, which takes so long only when this process is stopped in it. */
  function countTurn(): void {
    const passed = sinceLastReading();
    if (passed <= LATE_MS) time += passed;
  }

  function sinceLastReading(): number {
    const now = performance.now();
    const passed = now - (readAt ?? now);
    readAt = now;
    return passed;
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
