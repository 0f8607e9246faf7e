import { expect, it } from 'vitest';
import { type ChaosRun, chaosRun, failureInWords } from './run.ts';

const RUNS = 25;
/** They wait most of the time. */
const AT_ONCE = 5;

it(`${RUNS} groups that go through chaos leave nothing behind and lose nothing`, { timeout: 120_000 }, async () => {
  let seed = Math.floor(Math.random() * 1e6);
  const last = seed + RUNS;
  const runs: ChaosRun[] = [];
  const work = async () => {
    while (seed < last) runs.push(await chaosRun(seed++));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(runs.filter(({ broken }) => broken.length > 0).map(failureInWords)).toEqual([]);
  expect(runs).toHaveLength(RUNS);
});
