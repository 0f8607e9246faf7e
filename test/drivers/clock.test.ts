import { firstValueFrom, timer } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { liveClock } from '../../src/drivers/clock.ts';

describe('the live clock', () => {
  it('counts from zero on the monotonic clock, so that a step of the wall clock changes nothing', async () => {
    const clock = liveClock();
    const times: number[] = [];
    const note = () => times.push(clock.timeline.now());
    clock.happen(note);
    const wall = vi.spyOn(Date, 'now').mockReturnValue(0);
    try {
      clock.happen(() => timer(5, clock.timeline).subscribe(note));
      await vi.waitFor(() => expect(times).toHaveLength(2));
    } finally {
      wall.mockRestore();
    }
    expect(times[0]).toBeLessThan(1_000);
    expect((times[1] ?? NaN) - (times[0] ?? NaN)).toBeLessThan(5_000);
  });

  it('wakes for a timer that is due, and the timer finds the time that it was due', async () => {
    const { timeline, happen } = liveClock();
    let set = NaN;
    const found = new Promise<number>((resolve) =>
      happen(() => {
        set = timeline.now();
        timer(12, timeline).subscribe(() => resolve(timeline.now()));
      }),
    );
    expect(await found).toBe(set + 12);
  });

  it('runs what is due before it lets something happen', async () => {
    const { timeline, happen } = liveClock();
    const log: string[] = [];
    happen(() => timer(1, timeline).subscribe(() => log.push('timer')));
    const until = performance.now() + 5;
    while (performance.now() < until); // the loop is blocked: nobody could wake
    happen(() => log.push('fact'));
    expect(log).toEqual(['timer', 'fact']);
  });

  it('never waits for a time that has passed, of which newer versions of Node warn', () => {
    const { timeline, happen } = liveClock();
    const waits = vi.spyOn(globalThis, 'setTimeout');
    try {
      happen(() => {
        timer(1, timeline).subscribe();
        const until = performance.now() + 5;
        while (performance.now() < until);
      });
      expect(waits.mock.calls.map(([, ms]) => ms)).toEqual([0]);
    } finally {
      waits.mockRestore();
    }
  });

  it('never lets a fact happen within another, nor within a timer', async () => {
    const { timeline, happen } = liveClock();
    const log: string[] = [];
    happen(() => {
      happen(() => log.push('answer'));
      log.push('question');
    });
    expect(log).toEqual(['question']);
    await firstValueFrom(timer(0));
    expect(log).toEqual(['question', 'answer']);
    await new Promise<void>((resolve) =>
      happen(() =>
        timer(1, timeline).subscribe(() => {
          happen(resolve);
          log.push('timer');
        }),
      ),
    );
    expect(log.at(-1)).toBe('timer');
  });

  it('gives every fact a later time than the timers that ran before it', async () => {
    const { timeline, happen } = liveClock();
    const times = await new Promise<number[]>((resolve) => {
      const seen: number[] = [];
      happen(() =>
        timer(1, 1, timeline).subscribe((tick) => {
          seen.push(timeline.now());
          happen(() => seen.push(timeline.now()));
          if (tick === 20) resolve(seen);
        }),
      );
    });
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('does not count what it slept through', async () => {
    const { timeline, happen } = liveClock();
    const log: string[] = [];
    happen(() => timer(400, timeline).subscribe(() => log.push('timer')));
    sleep(1_000);
    await firstValueFrom(timer(0)); // timers of Node that are late by now have their turn first
    happen(() => log.push('fact'));
    expect(log).toEqual(['fact']);
    expect(timeline.now()).toBeLessThan(400);
    await vi.waitFor(() => expect(log).toEqual(['fact', 'timer']), 5_000);
  });

  it('does not count what it slept through in the middle of a turn either', () => {
    const { timeline, happen } = liveClock();
    const log: string[] = [];
    happen(() => {
      timer(400, timeline).subscribe(() => log.push('timer'));
      sleep(600);
    });
    happen(() => log.push('fact'));
    expect(log).toEqual(['fact']);
  });

  it('goes on where every reading is late: a slow machine is not asleep', async () => {
    const { timeline, happen } = liveClock();
    const log: string[] = [];
    happen(() => timer(300, timeline).subscribe(() => log.push('timer')));
    for (let count = 0; count < 9 && log.length === 0; count += 1) {
      sleep(600);
      await firstValueFrom(timer(0));
    }
    expect(log).toEqual(['timer']);
  });

  it('can wait longer than the timers of Node can', async () => {
    const overflow = vi.fn();
    process.on('warning', overflow);
    const { timeline, happen } = liveClock();
    const fired = vi.fn();
    let waiting = timer(0, timeline).subscribe();
    happen(() => (waiting = timer(2 ** 33, timeline).subscribe(fired)));
    await firstValueFrom(timer(20));
    happen(() => waiting.unsubscribe());
    process.off('warning', overflow);
    expect(fired).not.toHaveBeenCalled();
    expect(overflow).not.toHaveBeenCalled();
  });
});

/** As SIGSTOP would have it: nothing of this process goes on meanwhile. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
