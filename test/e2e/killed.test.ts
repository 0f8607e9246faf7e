import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ownCgroup } from '../../src/drivers/own-cgroup.ts';
import { hasCgroups, WITHOUT_CGROUPS } from '../cgroups.ts';
import { childrenOf, end, mark, stateOf, untilGone } from '../processes.ts';
import { rank, SLEEP, supervisor } from './supervisor.ts';

/**
 * Nothing of a group is left within a second of its supervisor's death, which the chaos measures. Here is held that nobody
 * stays, also on a machine that is late.
 */
const GONE = { timeout: 5_000, interval: 10 };

/** A server with a worker in its group, and a daemon whose parent has left; all deaf to stop signals. */
const CROWD = [
  ...['sh', '-c'],
  `trap "" TERM INT HUP
   sleep 600 &
   (setsid sh -c 'echo daemon $$; exec sleep 600' &)
   sleep 600`,
];

/** Without a group and a mark: one whose parent has left and one whose parent lives, at once and again when the file is there. */
const straysAt = (file: string) => [
  ...['perl', '-MPOSIX', '-e'],
  `$| = 1;
   sub stray { POSIX::setsid(); $_[0] and fork and exit; print "stray $$\n"; exec "env", "-i", "sleep", 60 }
   sub both { for my $twice (0, 1) { fork or stray($twice) } }
   both; select undef, undef, undef, 0.02 until -e "${file}"; both; sleep 60 while 1`,
];

test.each(['SIGKILL', 'SIGABRT'] as const)('a supervisor that is ended by %s takes everybody with it', async (name) => {
  const { line, signal, ended, family, pid } = await supervisor({ command: CROWD });
  for (const daemon of [/rank 0\] daemon/, /rank 1\] daemon/]) await line(daemon);
  await vi.waitFor(() => expect(family.living()).toHaveLength(9), 5_000);
  const guardian = guardianOf(pid);
  signal(name);
  await vi.waitFor(() => expect(family.living()).toEqual([]), GONE);
  await untilGone(guardian);
  expect(await ended).toBe(name);
});

/** The first child is the guardian, the others are ranks, of which the last may not be more than forked. */
test.each([1, 2, 3])('a supervisor that is killed when it has %i children leaves nobody', async (count) => {
  for (let run = 0; run < 3; run += 1) {
    const { signal, ended, family, pid } = await supervisor({ options: ['-dp', '4'], command: SLEEP });
    untilChildren(pid, count);
    signal('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    await vi.waitFor(() => expect(family.living()).toEqual([]), GONE);
  }
});

test.skipIf(!hasCgroups)(
  `a supervisor that is killed takes with it whom nothing else ties to a rank any more${WITHOUT_CGROUPS}`,
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'killed-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const command = straysAt(join(directory, 'go'));
    const { line, lines, signal, ended, pid } = await supervisor({ options: ['-dp', '1'], command });
    await line(/processes of a rank are found by its cgroup/);
    writeFileSync(join(directory, 'go'), '');
    const strays = await vi.waitFor(() => {
      const found = lines.flatMap((text) => /stray (\d+)$/.exec(text)?.[1] ?? []).map(Number);
      return found.length === 4 ? found : expect.fail(lines.join('\n'));
    }, 5_000);
    onTestFinished(() => strays.forEach((stray) => end(stray)));
    signal('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    await untilGone(...strays);
    const ours = () => readdirSync(ownCgroup() ?? '').filter((name) => name.startsWith(`dp-supervisor-${pid}-`));
    await vi.waitFor(() => expect(ours()).toEqual([]), GONE);
  },
);

// It has a session of its own, so these never reach it; that it would ignore them is held by its own tests.
test('signals to its whole process group, as a terminal sends them, do not cost it the guardian', async () => {
  const { line, signal, ended, family, pid } = await supervisor({
    command: CROWD,
    around: (words) => ['setsid', ...words],
  });
  await line(/rank 1\] daemon/);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(-pid, name);
  await line(/stopping: /);
  signal('SIGKILL');
  await vi.waitFor(() => expect(family.living()).toEqual([]), GONE);
  await ended;
});

test('an orderly end leaves no guardian behind', async () => {
  const { untilReady, signal, ended, pid } = await supervisor({ command: rank('obedient') });
  await untilReady();
  const guardian = guardianOf(pid);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(stateOf(guardian)).toBeNull();
});

test('a program that embeds a group and is killed takes everybody with it', async () => {
  const family = mark();
  const host = fork(new URL('../fixtures/host.mjs', import.meta.url), ['run', ...CROWD], {
    env: { ...process.env, ...family.env },
    silent: true,
  });
  onTestFinished(() => void host.kill('SIGKILL'));
  await once(host, 'message');
  await vi.waitFor(() => expect(family.living()).toHaveLength(5), 5_000);
  host.kill('SIGKILL');
  await vi.waitFor(() => expect(family.living()).toEqual([]), GONE);
});

/** Without a turn of the loop in between: it is a matter of microseconds. */
function untilChildren(pid: number, count: number): void {
  const until = performance.now() + 10_000;
  while (childrenOf(pid).length < count) if (performance.now() > until) expect.fail('it does not start');
}

function guardianOf(pid: number): number {
  const found = childrenOf(pid).find((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('dp-supervisor-guardian'),
  );
  return found ?? expect.fail('there is no guardian');
}
