import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../streams/invariants.ts';
import { inWords } from './in-words.ts';
import { PLANTED_FAULTS } from './planted-faults.ts';
import { shortestViolation } from './walk.ts';
import { NO_LIMIT } from './worlds.ts';

describe('the walk finds a supervision that is wrong, and shows a shortest history, when', () => {
  it.each(PLANTED_FAULTS)('$fault', ({ supervise, breaks, history, small = NO_LIMIT }) => {
    const violation = shortestViolation(small, 3, supervise);
    expect(violation?.sentence).toBe(breaks);
    expect(inWords(violation?.steps ?? [])).toBe(history);
  });
});

it('every promise is broken by one of the planted faults', () => {
  expect([...new Set(PLANTED_FAULTS.map(({ breaks }) => breaks))].sort()).toEqual(Object.keys(INVARIANTS).sort());
});
