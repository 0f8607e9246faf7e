import { expect, test } from 'vitest';
import { freePorts } from '../loopback.ts';
import { mark, run } from '../processes.ts';
import { rank, supervisor, type SupervisorOptions } from './supervisor.ts';

const path = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

/** The program with a fault that SIGCONT brings out; the ranks, which are Node as well, go without. */
const faulty = (options: SupervisorOptions) =>
  supervisor({ ...options, around: ([node = '', ...words]) => [node, '--import', path('faulty.mjs'), ...words] });

const own = (fault: string) => `dp-supervisor has a fault of its own: ${fault}`;

test.each([
  ['an exception that nobody caught', 'exception', 'TypeError: nobody catches this'],
  ['a rejection that nobody handled', 'rejection', 'RangeError: nobody handles this'],
])('%s ends the group in order: 1, and one line names it', async (_, FAULT, fault) => {
  const { untilReady, signal, line, ended, verdict, stderr, family } = await faulty({
    command: rank('obedient'),
    env: { FAULT },
  });
  await untilReady();
  signal('SIGCONT');
  await line(new RegExp(`^dp-supervisor: stopping: ${own(fault)}$`));
  await line(/\[rank 0\] got SIGTERM/);
  await line(/\[rank 1\] got SIGTERM/);
  expect(await ended).toBe(1);
  expect(verdict()).toBe(`dp-supervisor: exit status 1: ${own(fault)}`);
  expect(stderr()).not.toMatch(/^\s+at |\.mjs/m);
  expect(family.living()).toEqual([]);
});

test('another fault while it stops does not stop that: ranks that are deaf are killed after their grace', async () => {
  const { untilReady, signal, line, ended, verdict, family } = await faulty({
    command: rank('deaf'),
    options: ['--exit-grace', '1'],
  });
  await untilReady();
  signal('SIGCONT');
  await line(/\[rank 0\] got SIGTERM/);
  await line(/\[rank 1\] got SIGTERM/);
  signal('SIGCONT');
  await line(/^dp-supervisor: another fault of dp-supervisor's own, while it stops: TypeError: nobody catches this$/);
  expect(await ended).toBe(1);
  const killed = 'ranks 0, 1 did not leave in time and had to be killed';
  expect(verdict()).toBe(`dp-supervisor: exit status 1: ${own('TypeError: nobody catches this')}; ${killed}`);
  expect(family.living()).toEqual([]);
});

test('NODE_DEBUG=dp-supervisor shows where a fault was thrown', async () => {
  const { untilReady, signal, ended, stderr } = await faulty({
    command: rank('obedient'),
    env: { NODE_DEBUG: 'dp-supervisor' },
  });
  await untilReady();
  signal('SIGCONT');
  expect(await ended).toBe(1);
  expect(stderr()).toMatch(/^DP-SUPERVISOR \d+: TypeError: nobody catches this\n\s+at .*faulty\.mjs/m);
});

test('a subscriber that throws ends the group in the same way', async () => {
  const family = mark();
  const words = [path('faulty-subscriber.ts'), String(await freePorts()), ...rank('obedient')];
  const { ended, line, lines } = run(family, process.execPath, '--import', 'tsx', ...words);
  await line(/\[rank 0\] got SIGTERM/);
  expect(await ended).toBe(1);
  expect(lines.at(-1)).toBe(`dp-supervisor: exit status 1: ${own('TypeError: a subscriber threw this')}`);
  expect(family.living()).toEqual([]);
});
