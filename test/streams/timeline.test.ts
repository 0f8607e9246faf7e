import fc from 'fast-check';
import { timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Timeline } from '../../streams/timeline.ts';

describe('the timeline', () => {
  it('runs timers in the order in which they are due, and those due together as they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), (delays) => {
        const timeline = new Timeline();
        const ran: [number, number][] = [];
        delays.forEach((delay, index) => timeline.schedule(() => ran.push([timeline.now(), index]), delay));
        timeline.advanceThrough(20);
        const expected = delays.map((delay, index): [number, number] => [delay, index]).sort((a, b) => a[0] - b[0]);
        expect(ran).toEqual(expected);
        expect(timeline.pending).toBe(0);
      }),
    );
  });

  it('lets what happens at a time come before the timers that are due then', () => {
    const timeline = new Timeline();
    const log: string[] = [];
    timeline.schedule(() => log.push('at 4'), 4);
    timeline.schedule(() => log.push('at 5'), 5);
    timeline.advanceTo(5);
    log.push('fact at 5');
    timeline.advanceThrough(5);
    expect(log).toEqual(['at 4', 'fact at 5', 'at 5']);
  });

  it('runs a timer at the time that it was due, however late it is looked at', () => {
    const timeline = new Timeline();
    const times: number[] = [];
    timer(10, 10, timeline).subscribe(() => times.push(timeline.now()));
    timeline.advanceThrough(35);
    expect(times).toEqual([10, 20, 30]);
    expect(timeline.now()).toBe(35);
    expect(timeline.nextDue()).toBe(40);
  });

  it('runs a timer that a timer sets, when its own time has come', () => {
    const timeline = new Timeline();
    const times: number[] = [];
    timeline.schedule(() => timeline.schedule(() => times.push(timeline.now()), 5), 5);
    timeline.advanceThrough(9);
    expect(times).toEqual([]);
    timeline.advanceThrough(10);
    expect(times).toEqual([10]);
  });

  it('forgets a timer that was cancelled', () => {
    const timeline = new Timeline();
    const ran: number[] = [];
    const kept = timer(5, timeline).subscribe(() => ran.push(5));
    timer(3, timeline)
      .subscribe(() => ran.push(3))
      .unsubscribe();
    expect([timeline.pending, timeline.nextDue()]).toEqual([1, 5]);
    kept.unsubscribe();
    expect([timeline.pending, timeline.nextDue()]).toEqual([0, null]);
    timeline.advanceThrough(10);
    expect(ran).toEqual([]);
  });

  it('never goes back', () => {
    const timeline = new Timeline();
    timeline.advanceTo(10);
    timeline.advanceTo(5);
    timeline.advanceThrough(7);
    expect(timeline.now()).toBe(10);
  });
});
