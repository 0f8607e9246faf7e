import { expect, test } from 'vitest';
import { ask, freePorts, hold } from '../loopback.ts';
import { end } from '../processes.ts';
import { ENGINE, SLEEP, supervisor } from './supervisor.ts';

/** Probes in quick succession, also once the group is ready. */
const QUICK = ['--dp-supervisor-probe-interval-s', '0.1', '--dp-supervisor-probe-timeout-s', '0.5'];

test('a rank that is killed after ready takes its siblings with it: 4, and the one line names rank and signal', async () => {
  const { untilReady, url, ended, verdict, family } = await supervisor();
  await untilReady();
  const { ranks } = JSON.parse((await ask(`${url}/status`)).body) as { ranks: { pid: number }[] };
  expect(family.living()).toEqual(expect.arrayContaining(ranks.map(({ pid }) => pid)));
  end(ranks[1]?.pid ?? NaN);
  expect(await ended).toBe(4);
  expect(verdict()).toBe('dp-supervisor: exit status 4: rank 1 was ended by SIGKILL after the group was ready');
  expect(family.living()).toEqual([]);
});

test('a rank that crashes after ready is told by its exit code: 4', async () => {
  const { untilReady, rankUrl, ended, verdict, family } = await supervisor({ command: ENGINE });
  await untilReady();
  await ask(`${rankUrl(0)}/fault/crash`, { method: 'POST' });
  expect(await ended).toBe(4);
  expect(verdict()).toBe('dp-supervisor: exit status 4: rank 0 exited with code 1 after the group was ready');
  expect(family.living()).toEqual([]);
});

test('a rank that hangs is given up after three probes: 4', async () => {
  const { untilReady, rankUrl, ended, verdict, family } = await supervisor({ options: QUICK, command: ENGINE });
  await untilReady();
  await ask(`${rankUrl(1)}/fault/hang`, { method: 'POST' });
  expect(await ended).toBe(4);
  const why = 'rank 1 is unhealthy: 3 probes in a row failed, the last with timeout';
  expect(verdict()).toBe(`dp-supervisor: exit status 4: ${why}`);
  expect(family.living()).toEqual([]);
});

test('a rank that says that it is unavailable is believed at once: 4', async () => {
  const { untilReady, rankUrl, ended, verdict, family } = await supervisor({ options: QUICK, command: ENGINE });
  await untilReady();
  await ask(`${rankUrl(0)}/fault/unavailable`, { method: 'POST' });
  expect(await ended).toBe(4);
  expect(verdict()).toBe('dp-supervisor: exit status 4: rank 0 is unhealthy: it answered 503');
  expect(family.living()).toEqual([]);
});

test('a rank that leaves before ready ends the group: 3', async () => {
  const script = 'test $DP_RANK = 1 && exit 17; exec sleep 60';
  const { ended, verdict, family } = await supervisor({ command: ['sh', '-c', script] });
  expect(await ended).toBe(3);
  expect(verdict()).toBe('dp-supervisor: exit status 3: rank 1 exited with code 17 before the group was ready');
  expect(family.living()).toEqual([]);
});

test('a program that is not there cannot be started: 3', async () => {
  const { ended, verdict } = await supervisor({ command: ['vlm', 'serve'] });
  expect(await ended).toBe(3);
  expect(verdict()).toBe('dp-supervisor: exit status 3: rank 0 could not be started: there is no program "vlm"');
});

test('a group that is not ready in time is stopped: 3', async () => {
  const { ended, verdict, family } = await supervisor({
    command: SLEEP,
    options: ['--startup-timeout', '0.5'],
  });
  expect(await ended).toBe(3);
  const why = 'the group was not ready within 0.5 s: waited for ranks 0, 1';
  expect(verdict()).toBe(`dp-supervisor: exit status 3: ${why}`);
  expect(family.living()).toEqual([]);
});

test('a port that somebody else has is not fought for: 5, and nothing has been started', async () => {
  const port = await freePorts();
  await hold(port);
  const { ended, verdict, stdout } = await supervisor({ port, command: ['sh', '-c', 'echo started'] });
  expect(await ended).toBe(5);
  expect(verdict()).toContain(`cannot listen on 127.0.0.1 port ${port}: pid ${process.pid} (`);
  expect(stdout()).toBe('');
});

test.each([
  [['--dp', '2'], 'unknown option --dp'],
  [['--exit-grace', '-1'], '--exit-grace: expected seconds'],
  [['--ssl-keyfile', '/none.pem', '--ssl-certfile', '/none.pem'], '--ssl-keyfile: ENOENT'],
])('a mistake is told in one line, and nothing is started: 2, for %j', async (options, message) => {
  const { ended, stderr, stdout } = await supervisor({ options, command: ['sh', '-c', 'echo started'] });
  expect(await ended).toBe(2);
  expect(stderr()).toMatch(/^dp-supervisor: [^\n]*\n$/);
  expect(stderr()).toContain(message);
  expect(stdout()).toBe('');
});
