import { describe, expect, it } from 'vitest';
import { inWords } from './in-words.ts';
import { walk } from './walk.ts';
import { EVERY_FACT, TWO_RANKS } from './worlds.ts';

const LONGEST_MS = 180_000;

describe('every history', () => {
  it.each([
    { name: 'of up to four steps of two ranks', small: TWO_RANKS, depth: 4, atLeast: 23_000, toTheirExit: 300 },
    {
      name: 'of up to three steps when every fact can come',
      small: EVERY_FACT,
      depth: 3,
      atLeast: 2_000,
      toTheirExit: 10,
    },
  ])(
    '$name keeps every promise',
    ({ name, small, depth, atLeast, toTheirExit }) => {
      const { histories, over, violation } = walk(small, depth);
      console.info(`${histories} histories ${name}, ${over} of them to their Exit`);
      expect(violation && `${violation.sentence}: ${inWords(violation.steps)}`).toBe(null);
      expect(histories).toBeGreaterThan(atLeast);
      expect(over).toBeGreaterThan(toTheirExit);
    },
    LONGEST_MS,
  );
});
