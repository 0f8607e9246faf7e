import fc from 'fast-check';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { parseMarbles, printMarbles } from '../../streams/marble.ts';

describe('marble text', () => {
  it('reads frames, events, groups, blanks and progressions of time', () => {
    expect(parseMarbles('-a  (bc)-d 1.5s | 20ms #', 100)).toEqual({
      marbles: [
        { at: 100, symbol: 'a' },
        { at: 200, symbol: 'b' },
        { at: 200, symbol: 'c' },
        { at: 700, symbol: 'd' },
        { at: 2_300, symbol: '|' },
        { at: 2_420, symbol: '#' },
      ],
      end: 2_520,
    });
  });

  it.each([
    ['a(b', 'a group is not closed', 4],
    ['a)b', '")" closes no group', 2],
    ['((a))', 'a group within a group', 2],
    ['(a-b)', 'time does not pass within a group', 3],
    ['a!b', '"!" is no marble', 2],
  ])('refuses %s and says where', (text, message, column) => {
    expect(() => parseMarbles(text, 10)).toThrow(expect.objectContaining({ message, column }));
  });

  it('reads what rxjs itself reads', () => {
    const lane = fc
      .array(fc.oneof(fc.constantFrom('-', 'a', 'b', '(cd)', '  '), fc.constant(' 7ms ')), { maxLength: 30 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(lane, (text) => {
        const own = parseMarbles(text, 1).marbles.map(({ at, symbol }) => [at, symbol]);
        let theirs: unknown[] = [];
        new TestScheduler(() => undefined).run(() => {
          theirs = TestScheduler.parseMarbles(text, undefined, undefined, undefined, true).map(
            ({ frame, notification }) => [frame, (notification as { value: string }).value],
          );
        });
        expect(own).toEqual(theirs);
      }),
    );
  });

  it('writes what it reads back', () => {
    const events = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 900 }), symbol: fc.constantFrom('a', 'b', '|') }),
    );
    fc.assert(
      fc.property(events, (list) => {
        let at = 0;
        const marbles = list.map(({ gap, symbol }, index) => {
          at += index === 0 || gap === 0 ? gap : gap + 5_000; // room for any group before it
          return { at, symbol };
        });
        expect(parseMarbles(printMarbles(marbles, 100), 100).marbles).toEqual(marbles);
      }),
    );
  });

  it('is padded to the end of the picture, and marks what marbles cannot say', () => {
    expect(printMarbles([{ at: 200, symbol: 'a' }], 100, 500)).toBe('--a--');
    expect(
      printMarbles(
        [
          { at: 0, symbol: 'a' },
          { at: 0, symbol: 'b' },
          { at: 100, symbol: 'c' },
        ],
        100,
      ),
    ).toBe('(ab) c@100ms');
  });
});
