import { describe, expect, it } from 'vitest';
import type { RankEvent } from '../../../streams/index.ts';
import { calloutsOf, placeCallouts, type PlacedCallout } from '../../../src/render/picture/callouts.ts';
import { frameOf } from '../../../src/render/picture/frame.ts';
import { widthOf } from '../../../src/render/picture/markup.ts';
import { SHAPES } from '../../../src/render/picture/marks.ts';
import { runsOf } from '../../../src/render/picture/runs.ts';
import { exactTime, ticksOf } from '../../../src/render/picture/time.ts';
import { longStory, SCENARIOS, storyOfScenario } from './stories.ts';

describe('marks that are near to each other', () => {
  const event = (at: number, kind: RankEvent['kind'], role: RankEvent['role'] = 'normal'): RankEvent => {
    return { at, kind, text: kind, role };
  };
  const near = () => 10;

  it('become one, each kind by itself, so that a failure among healthy answers keeps its own', () => {
    const events = [
      event(0, 'healthy'),
      event(5, 'unanswered'),
      event(9, 'healthy'),
      event(18, 'healthy'),
      event(28, 'healthy'),
    ];
    expect(runsOf(events, near).map(({ kind, from, to, count }) => ({ kind, from, to, count }))).toEqual([
      { kind: 'healthy', from: 0, to: 18, count: 3 },
      { kind: 'unanswered', from: 5, to: 5, count: 1 },
      { kind: 'healthy', from: 28, to: 28, count: 1 },
    ]);
  });

  it('leave none of the events further from a mark than that, and count them all', () => {
    const events = Array.from({ length: 1_000 }, (_, index) => event(index * 3 + (index % 7), 'unanswered'));
    const [run, ...more] = runsOf(events, near);
    expect(more).toEqual([]);
    expect(run?.texts).toEqual(new Map([['unanswered', 1_000]]));
    const lonely = events.filter(({ at }) => !run?.marks.some((mark) => Math.abs(mark - at) < 10));
    expect(lonely).toEqual([]);
  });

  it('never swallow the cause', () => {
    const events = [event(0, 'unanswered'), event(1, 'unanswered', 'cause'), event(2, 'unanswered', 'consequence')];
    expect(runsOf(events, near)).toHaveLength(3);
  });

  it('differ in shape and not in colour alone', () => {
    expect(new Set(Object.values(SHAPES)).size).toBe(Object.keys(SHAPES).length);
  });
});

describe('words over the lanes', () => {
  const stories = [...SCENARIOS.map((name) => storyOfScenario(name).story), longStory(8, 600_000)];

  it('lie neither over each other nor over a line, in any scenario', () => {
    const faults = stories.flatMap((story) => {
      const placed = placeCallouts(calloutsOf(frameOf(story, { title: '' })));
      return placed.flatMap((one) => placed.filter((other) => other !== one && collide(one, other)));
    });
    expect(faults).toEqual([]);
  });

  function collide(one: PlacedCallout, other: PlacedCallout): boolean {
    const [from, to] = extent(one);
    const [otherFrom, otherTo] = extent(other);
    const words = one.row === other.row && from < otherTo && otherFrom < to;
    const line = !other.beyond && other.row > one.row && other.x > from && other.x < to;
    return words || line;
  }

  function extent({ x, words, side }: PlacedCallout): [number, number] {
    return side === 'right' ? [x, x + widthOf(words, 12)] : [x - widthOf(words, 12), x];
  }
});

describe('the time axis', () => {
  it.each([
    [0, 2_000, ['0.0 s', '0.2 s', '0.4 s', '0.6 s', '0.8 s', '1.0 s', '1.2 s', '1.4 s', '1.6 s', '1.8 s', '2.0 s'], ''],
    [0, 600_000, ['0:00', '1:00', '2:00', '3:00', '4:00', '5:00', '6:00', '7:00', '8:00', '9:00', '10:00'], 'min:s'],
    [0, 86_400_000, ['0:00', '3:00', '6:00', '9:00', '12:00', '15:00', '18:00', '21:00', '24:00'], 'h:min'],
    [
      86_390_000,
      86_394_000,
      [
        '23:59:50.0',
        '23:59:50.5',
        '23:59:51.0',
        '23:59:51.5',
        '23:59:52.0',
        '23:59:52.5',
        '23:59:53.0',
        '23:59:53.5',
        '23:59:54.0',
      ],
      'h:min:s',
    ],
    [5_003.2, 5_003.21, ['5.003200 s', '5.003202 s', '5.003204 s', '5.003206 s', '5.003208 s', '5.003210 s'], ''],
  ])('from %d ms to %d ms has round times', (from, to, labels, unit) => {
    const ticks = ticksOf(from, to, labels.length);
    expect(ticks.list.map(({ label }) => label)).toEqual(labels);
    expect(ticks.unit).toBe(unit);
  });

  it.each([
    [0, '0 s'],
    [5_003.214, '5.003214 s'],
    [59_999.9999, '1 min 0 s'],
    [86_371_204, '23 h 59 min 31.204 s'],
  ])('%d ms reads %s', (ms, words) => {
    expect(exactTime(ms)).toBe(words);
  });
});
