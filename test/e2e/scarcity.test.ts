// The program on machines that lack something: it works, or says in one line what it lacks.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../loopback.ts';
import { childrenOf } from '../processes.ts';
import { ENGINE, PROGRAM, rank, SLEEP, type Supervisor, supervisor, type SupervisorOptions } from './supervisor.ts';

type Around = NonNullable<SupervisorOptions['around']>;

/** Through a shell that takes something away first. */
const having =
  (script: string): Around =>
  (words) => ['sh', '-c', `${script}; exec "$@"`, 'sh', ...words];
/** In a mount namespace of its own, where this machine allows one. */
const mounting =
  (script: string): Around =>
  (words) => ['unshare', '-m', 'sh', '-c', `${script} || exit 99; exec "$@"`, 'sh', ...words];

const READ_ONLY = 'mount -o remount,ro,bind /';
const NO_SHM = 'mount -t tmpfs -o ro,size=0 none /dev/shm';
const NO_PROC = 'mount -t tmpfs -o ro none /proc';
const can = (script: string) => spawnSync('unshare', ['-m', 'sh', '-c', script], { stdio: 'ignore' }).status === 0;
const hasNamespaces = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
const isRoot = process.geteuid?.() === 0;

test('with 64 file descriptors', async () => {
  await works(await supervisor({ around: having('ulimit -n 64') }));
});

test('without HOME, PATH or anything else in the environment', async () => {
  const [name = '', value = ''] = ['TEST_MARK', '"$TEST_MARK"'];
  await works(
    await supervisor({ around: (words) => ['sh', '-c', `exec env -i ${name}=${value} "$@"`, 'sh', ...words] }),
  );
});

test('without ps, kill or any other program on the PATH', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'scarcity-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  symlinkSync(process.execPath, join(directory, 'node'));
  await works(await supervisor({ around: having(`PATH=${directory}`) }));
});

test.runIf(can(READ_ONLY))('on a file system that is read-only, and a journal is told in one line', async () => {
  await works(await supervisor({ around: mounting(READ_ONLY) }));

  const failing = { command: ['false'], env: { DPS_JOURNAL_ON_FAILURE: '' }, around: mounting(READ_ONLY) };
  const { ended, stderr, verdict } = await supervisor(failing);
  expect(await ended).toBe(3);
  expect(stderr()).toMatch(/^dp-supervisor: cannot leave the journal in .*: EROFS: read-only file system/m);
  expect(verdict()).toMatch(/^dp-supervisor: exit status 3: rank \d exited with code 1 before the group was ready$/);

  const logs = await supervisor({ options: ['--log-dir', '/made/logs'], around: mounting(READ_ONLY) });
  expect(await logs.ended).toBe(2);
  expect(logs.stderr()).toMatch(/^dp-supervisor: --log-dir: EROFS: read-only file system, mkdir '\/made'\n$/);

  const asked = await supervisor({ options: ['--journal', '/journal.ndjson'], around: mounting(READ_ONLY) });
  expect(await asked.ended).toBe(2);
  expect(asked.stderr()).toMatch(/^dp-supervisor: --journal: EROFS: read-only file system.*\n$/);
});

test.runIf(can(NO_SHM))('without /dev/shm', async () => {
  await works(await supervisor({ around: mounting(NO_SHM) }));
});

test.runIf(can(NO_PROC))('without /proc, and who is waited for is told by the number of the group', async () => {
  const around = mounting(NO_PROC);
  await works(await supervisor({ around }));
  const { pid, line, ended } = await supervisor({
    ...{ around, command: rank('deaf'), options: ['-dp', '1', '--exit-grace', '9'] },
  });
  await line(/found by their process groups: there is no \/proc here/);
  await line(/the rank is ready/);
  process.kill(pid, 'SIGTERM');
  await line(/still waiting for rank 0: process group \d+$/);
  process.kill(pid, 'SIGTERM');
  expect(await ended).toBe(6);
});

test.runIf(hasNamespaces)('with the /proc of another PID namespace, which tells of strangers', async () => {
  const { pid, line, ended, family, lines } = await supervisor({
    options: ['-dp', '1'],
    command: ['sh', '-c', 'setsid sleep 60 & exec sleep 60'],
    around: (words) => ['unshare', '--pid', '--fork', ...words],
  });
  await line(/found by their process groups: there is no \/proc here/);
  process.kill(childrenOf(pid)[0] ?? NaN, 'SIGTERM');
  expect(await ended).toBe(0);
  expect(lines.join('\n')).not.toContain('still waiting');
  expect(family.living()).toEqual([]);
});

test('too few file descriptors for its ranks are told: 3', async () => {
  const { ended, verdict, family } = await supervisor({
    // The ports of so many ranks go beyond those that this test has to itself, so they are none of theirs.
    options: ['-dp', '40', '--env', 'PORT=none', '--exit-grace', '1'],
    command: SLEEP,
    around: having('ulimit -n 64'),
  });
  expect(await ended).toBe(3);
  expect(verdict()).toMatch(/rank \d+ could not be started: no file descriptor is left \(ulimit -n\): /);
  expect(family.living()).toEqual([]);
});

const user = 60_000 + (process.pid % 5_000); // nobody else's, as a limit is that of the user
const otherUser = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] as const;
/** Node and the program may lie where nobody else may read. */
const othersMayRun =
  isRoot && spawnSync(otherUser[0], [...otherUser.slice(1), process.execPath, PROGRAM, '--version']).status === 0;

test.runIf(othersMayRun)('too few processes for its ranks are told: 3', async () => {
  const { ended, verdict, family } = await supervisor({
    options: ['-dp', '12', '--env', 'PORT=none', '--exit-grace', '1'],
    command: SLEEP,
    around: (words) => ['prlimit', '--nproc=18', ...otherUser, ...words],
  });
  expect(await ended).toBe(3);
  expect(verdict()).toMatch(/rank \d+ could not be started: this user may have no more processes \(ulimit -u\): /);
  expect(family.living()).toEqual([]);
});

test('while the wall clock steps by days, ranks become ready, a hang is noticed in time, and so is the grace', async () => {
  const { untilReady, rankUrl, ended, verdict } = await supervisor({
    options: ['--dp-supervisor-probe-interval-s', '0.1', '--dp-supervisor-probe-timeout-s', '0.5'],
    around: ([node = '', ...words]) => [node, '--require', STEPPING_CLOCK, ...words],
    command: ENGINE,
  });
  await untilReady();
  const begun = performance.now();
  await ask(`${rankUrl(1)}/fault/hang`, { method: 'POST' });
  expect(await ended).toBe(4);
  expect(verdict()).toMatch(/rank 1 is unhealthy: 3 probes in a row failed, the last with timeout/);
  // Three timeouts and two intervals before, and at most the grace of the one that hangs behind.
  expect(performance.now() - begun).toBeGreaterThan(1_500);
  expect(performance.now() - begun).toBeLessThan(12_000);
});

const STEPPING_CLOCK = new URL('../fixtures/stepping-clock.cjs', import.meta.url).pathname;

/** It becomes ready, answers, and leaves with everybody. */
async function works({ untilReady, url, ended, family }: Supervisor): Promise<void> {
  await untilReady();
  const { status, body } = await ask(`${url}/status`);
  expect(status).toBe(200);
  process.kill((JSON.parse(body) as { pid: number }).pid, 'SIGTERM');
  expect(await ended).toBe(0);
  expect(family.living()).toEqual([]);
}
