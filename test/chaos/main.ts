// `npm run chaos -- --seed S --runs N`: N groups through what the seeds S, S + 1, ... say.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { chaosRun, failureInWords } from './run.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '100' } },
});
const [first, runs] = [Number(values.seed), Number(values.runs)];
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(runs) || runs < 1) {
  console.error('usage: npm run chaos -- --seed S --runs N, two whole numbers');
  process.exit(2);
}

const statuses = new Map<string, number>();
let next = first;
let failed = 0;
let lines = 0;
const goneMs = { killed: [] as number[], left: [] as number[] };
const startedAt = performance.now();
await Promise.all(Array.from({ length: availableParallelism() }, work));
const counts = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
console.log(
  `${runs} runs from seed ${first}, ${failed} of them failed; ${lines} log lines; ${seconds} s; by status ${counts.join(', ')}`,
);
console.log(
  `gone after the supervisor, at the latest: ${longest(goneMs.left)} ms; when it was killed: ${longest(goneMs.killed)} ms`,
);
process.exitCode = failed === 0 ? 0 : 1;

function longest(times: readonly number[]): string {
  return Math.max(0, ...times).toFixed(0);
}

async function work(): Promise<void> {
  while (next < first + runs) {
    const seed = next++;
    const run = await chaosRun(seed).catch((error: unknown) => {
      // The others go on, and put away what they have started.
      failed += 1;
      console.error(`seed ${seed} could not be run:`, error);
    });
    if (run === undefined) continue;
    statuses.set(String(run.status), (statuses.get(String(run.status)) ?? 0) + 1);
    lines += run.lines;
    goneMs[run.status === 'SIGKILL' ? 'killed' : 'left'].push(run.goneMs);
    if (run.broken.length === 0) continue;
    failed += 1;
    console.error(failureInWords(run));
  }
}
