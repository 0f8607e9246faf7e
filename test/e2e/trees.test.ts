import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cgroupPathOf, ownCgroup } from '../../src/drivers/own-cgroup.ts';
import { hasCgroups, WITHOUT_CGROUPS } from '../cgroups.ts';
import { checkedFile } from '../journal/schema-check.ts';
import { ask } from '../loopback.ts';
import { childrenOf, end, stateOf, untilGone } from '../processes.ts';
import { NO_KOFFI, rank, SLEEP, supervisor, type Supervisor } from './supervisor.ts';

/** Where cgroups of version 2 are mounted. */
const MOUNT = / (\S+) cgroup2 /.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? '';
const FOUND_BY = /processes of a rank are found by (.+)/;

/** Does something when it gets SIGUSR1, which is how a test says that the supervisor is as far as that. */
const onRequest = (work: string) => ['perl', '-e', `$SIG{USR1} = sub { ${work} }; $| = 1; sleep 60 while 1`];
/** A daemon as they are made: two forks, a session, and nothing in its environment. */
const DAEMON = `fork or do { require POSIX; POSIX::setsid(); fork and exit; print "daemon $$\\n"; exec "env", "-i", "sleep", 60 };`;

test('how processes are found is said once in the log, and in /status', async () => {
  const { untilReady, line, url, lines, signal, ended } = await supervisor();
  const [, how] = await line(FOUND_BY);
  await untilReady();
  const cgroup = hasCgroups ? 'its cgroup (ended by cgroup.kill), ' : '';
  const table = 'the process table (sessions, groups, parents and marks)';
  expect(how).toBe(`${cgroup}orphans come to us (as subreaper), and ${table}`);
  expect(JSON.parse((await ask(`${url}/status`)).body)).toMatchObject({ processTrees: how });
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(lines.filter((text) => FOUND_BY.test(text))).toHaveLength(1);
});

test('a daemon that nothing ties to its rank any more is stopped with it', async () => {
  const group = await supervisor({ options: ['-dp', '1'], command: onRequest(DAEMON) });
  await group.line(FOUND_BY);
  const daemon = await request(group, /daemon (\d+)/);
  group.signal('SIGTERM');
  expect(await group.ended).toBe(0);
  expect(group.family.living()).toEqual([]);
  await untilGone(daemon);
});

test('so is one that is born before its rank does anything else', async () => {
  const { line, signal, ended, family } = await supervisor({
    options: ['-dp', '1'],
    command: ['perl', '-e', `$| = 1; ${DAEMON} wait; sleep 60 while 1`],
  });
  const daemon = Number((await line(/daemon (\d+)/))[1]);
  onTestFinished(() => end(daemon));
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(family.living()).toEqual([]);
  await untilGone(daemon);
});

test('without koffi a daemon is found by the mark that it inherited', async () => {
  const work = `fork or do { require POSIX; POSIX::setsid(); fork and exit; print "daemon $$\\n"; exec "sleep", 60 }`;
  const group = await supervisor({
    options: ['-dp', '1'],
    command: onRequest(work),
    around: ([node = '', ...words]) => [node, '--import', NO_KOFFI, ...words],
  });
  expect((await group.line(FOUND_BY))[1]).not.toContain('orphans');
  await request(group, /daemon (\d+)/);
  group.signal('SIGTERM');
  expect(await group.ended).toBe(0);
  expect(group.family.living()).toEqual([]);
});

test.skipIf(!hasCgroups)(`each rank has a cgroup while the group is there${WITHOUT_CGROUPS}`, async () => {
  const { line, signal, ended, pid } = await supervisor({ command: SLEEP });
  await line(/its cgroup/);
  const paths = childrenOf(pid).map(cgroupPathOf);
  const outside = cgroupPathOf(pid);
  expect(paths.filter((path) => path === outside)).toHaveLength(1); // the guardian
  for (const number of [0, 1]) expect(paths.filter((path) => path?.endsWith(`/rank-${number}`))).toHaveLength(1);
  const folders = () => readdirSync(ownCgroup() ?? '').filter((name) => name.startsWith(`dp-supervisor-${pid}-`));
  expect(folders()).toHaveLength(1);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(folders()).toEqual([]);
});

test.skipIf(!hasCgroups)(`where cgroups can only be read it does without${WITHOUT_CGROUPS}`, async () => {
  const { line, signal, ended, family } = await supervisor({
    command: SLEEP,
    around: (words) => ['unshare', '-m', 'sh', '-c', `mount -o remount,ro,bind "$0" && exec "$@"`, MOUNT, ...words],
  });
  expect((await line(FOUND_BY))[1]).toMatch(/^orphans come to us/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(family.living()).toEqual([]);
});

test('an orphan that has left is reaped while the group goes on', async () => {
  const work = `for (1 .. 20) { fork or do { fork and exit; exit } } wait for 1 .. 20; print "done 1\\n"`;
  const group = await supervisor({ options: ['-dp', '1'], command: onRequest(work) });
  await group.line(FOUND_BY);
  await request(group, /done (\d+)/);
  await vi.waitFor(() => expect(childrenOf(group.pid).map(stateOf)).not.toContain('Z'), 5_000);
  expect(childrenOf(group.pid)).toHaveLength(2); // the rank and the guardian
  group.signal('SIGTERM');
  expect(await group.ended).toBe(0);
});

test('no exit is taken from Node while orphans leave by the hundred', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'trees-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const journal = join(directory, 'journal');
  const work = `for (1 .. 50) { fork or do { fork and exit; exit } } exit 20 + $ENV{DP_RANK}`;
  const group = await supervisor({
    options: ['-dp', '8', '--journal', journal],
    command: onRequest(`$SIG{TERM} = "IGNORE"; ${work}`),
  });
  await group.line(FOUND_BY);
  const pids = await ranksOf(group);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  for (const pid of pids) process.kill(pid, 'SIGUSR1');
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  expect(await group.ended).toBe(3);
  const told = checkedFile(journal).entries.flatMap((entry) =>
    'fact' in entry && entry.fact.type === 'RankExited' ? [entry.fact] : [],
  );
  expect(told.map(({ rank, code }) => Number(code) - rank)).toEqual(Array(8).fill(20));
  expect(group.family.living()).toEqual([]);
});

test('what is waited for while the group stops is named every five seconds', async () => {
  const { untilReady, line, lines, signal, ended } = await supervisor({
    command: rank('deaf'),
    options: ['-dp', '2', '--exit-grace', '60'],
  });
  await untilReady();
  signal('SIGTERM');
  for (const number of [0, 1]) {
    const [, pid] = await line(
      new RegExp(`^dp-supervisor: still waiting for rank ${number}: (\\d+) (?:node|MainThread) \\(\\d+ s\\)$`),
    );
    expect(stateOf(Number(pid))).not.toBeNull();
  }
  signal('SIGTERM'); // a second one: they are killed
  expect(await ended).toBe(6);
  expect(lines.filter((text) => text.includes('still waiting'))).toHaveLength(2);
});

async function ranksOf({ url }: Supervisor): Promise<readonly number[]> {
  const { ranks } = JSON.parse((await ask(`${url}/status`)).body) as { ranks: { pid: number }[] };
  return ranks.map(({ pid }) => pid);
}

/** Asks rank 0 for what it does on request, and waits for word of it. */
async function request(group: Supervisor, word: RegExp): Promise<number> {
  const [pid = NaN] = await ranksOf(group);
  process.kill(pid, 'SIGUSR1');
  return Number((await group.line(word))[1]);
}
