// `npm run check:exhaustive`: every history of some small worlds, farther than `npm test` goes.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inWords } from './in-words.ts';
import { historiesOf, walkStates } from './states.ts';
import { type Violation, walk } from './walk.ts';
import { EVERY_FACT, NO_WAITING, type Small, THREE_RANKS, TWO_RANKS } from './worlds.ts';

/** How long the histories are that are counted, where their length has no bound. */
const COUNTED_STEPS = 20;

/** A process each, side by side. */
const WALKS: Readonly<Record<string, () => void>> = {
  histories: () => {
    histories('two ranks', TWO_RANKS, 5);
    histories('two ranks, nothing is waited for', NO_WAITING, 7);
    histories('two ranks, every fact there is', EVERY_FACT, 5);
  },
  states: () => {
    states('two ranks', TWO_RANKS);
    states('two ranks, nothing is waited for', NO_WAITING);
    states('two ranks, every fact there is', EVERY_FACT);
    states('three ranks', THREE_RANKS, 6);
  },
};

const asked = WALKS[process.argv[2] ?? ''];
if (asked !== undefined) asked();
else for (const name of Object.keys(WALKS)) inItsOwnProcess(name);

function inItsOwnProcess(name: string): void {
  fork(fileURLToPath(import.meta.url), [name]).once('exit', (code) => {
    if (code !== 0) process.exitCode = 1;
  });
}

function histories(name: string, small: Small, depth: number): void {
  const startedAt = performance.now();
  const { histories, prefixes, over, violation } = walk(small, depth);
  const ended = `${whole(over)} of them to their Exit, ${whole(prefixes)} with their beginnings`;
  report(name, `${whole(histories)} histories of up to ${depth} steps (${ended})`, startedAt, violation);
}

function states(name: string, small: Small, depth?: number): void {
  const startedAt = performance.now();
  const found = walkStates(small, depth);
  const { states, transitions, closed, violation } = found;
  const steps = closed ? COUNTED_STEPS : found.depth;
  const reach = closed ? `closed after ${found.depth} steps, so histories of any length` : `up to ${found.depth} steps`;
  const count = `${historiesOf(found, steps).toPrecision(3)} histories of up to ${steps} steps`;
  const what = `${whole(states.size)} states, ${whole(transitions)} steps between them; ${reach}: ${count}`;
  report(name, what, startedAt, violation);
}

function report(name: string, what: string, startedAt: number, violation: Violation | null): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.info(`${name}: ${what}; ${seconds} s`);
  if (violation === null) return;
  console.error(`${name}: NOT SO: ${violation.sentence}\n  ${inWords(violation.steps) || 'when nothing happens'}`);
  process.exitCode = 1;
}

function whole(count: number): string {
  return count.toLocaleString('en');
}
