import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranksInWords } from '../../src/render/words.ts';

test.each([
  [[3], 'rank 3'],
  [[0, 1], 'ranks 0, 1'],
  [[0, 1, 2], 'ranks 0-2'],
  [[0, 2], 'ranks 0, 2'],
  [[0, 1, 2, 5], 'ranks 0-2, 5'],
  [[0, 2, 3, 4, 7, 8], 'ranks 0, 2-4, 7, 8'],
  [[9, 10, 11, 100], 'ranks 9-11, 100'],
])('%j is %s', (ranks, told) => {
  expect(ranksInWords(ranks)).toBe(told);
});

test('whatever the ranks are, the words name each of them once and no other', () => {
  const ranks = fc
    .uniqueArray(fc.nat({ max: 40 }), { minLength: 1 })
    .map((numbers) => numbers.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(ranks, (numbers) => {
      const named = ranksInWords(numbers)
        .replace(/^ranks? /, '')
        .split(', ')
        .flatMap((span) => {
          const [from = NaN, to = from] = span.split('-').map(Number);
          return Array.from({ length: to - from + 1 }, (_, index) => from + index);
        });
      expect(named).toEqual(numbers);
    }),
  );
});
