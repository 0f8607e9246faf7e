import { expect, test, vi } from 'vitest';
import { ask } from '../loopback.ts';
import { ENGINE, rank, SLEEP, supervisor } from './supervisor.ts';

test('a supervisor that slept does not blame a healthy rank for it', async () => {
  const { untilReady, url, signal, line, ended } = await supervisor({
    options: [
      ...['--dp-supervisor-probe-interval-s', '0.05', '--dp-supervisor-probe-timeout-s', '2'],
      ...['--dp-supervisor-probe-failure-threshold', '1'],
    ],
  });
  await untilReady();
  // The lengths of the sleeps are what is tested: one that is plain, and others that a late machine could have had.
  for (const ms of [4_500, 2_200, 2_200]) {
    await asleep(signal, ms);
    await vi.waitFor(async () => expect((await ask(`${url}/health`)).status).toBe(200), 5_000);
  }
  signal('SIGTERM');
  await line(/exit status 0/);
  expect(await ended).toBe(0);
});

test('a supervisor that slept through the startup timeout does not blame its ranks for it', async () => {
  const { signal, line, untilReady, ended } = await supervisor({
    options: ['--startup-timeout', '2'],
    command: ['sh', '-c', 'sleep 0.5; exec "$@"', 'sh', ...ENGINE],
  });
  await line(/listening on/);
  await asleep(signal, 2_500);
  await untilReady();
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('a supervisor that slept through the grace kills nobody who has left meanwhile', async () => {
  const { signal, line, ended } = await supervisor({
    options: ['-dp', '1', '--exit-grace', '1.5'],
    command: [
      'perl',
      '-e',
      '$| = 1; $SIG{TERM} = sub { print "told\n"; sleep 1; exit }; print "up\n"; sleep 60 while 1',
    ],
  });
  await line(/up/);
  signal('SIGTERM');
  await line(/told/);
  await asleep(signal, 2_000);
  expect(await ended).toBe(0);
});

test('a second signal while its output is stuck at the very end does not change the status', async () => {
  const { line, family, url } = await supervisor({
    command: ['sh', '-c', 'exec yes'],
    around: (words) => ['sh', '-c', '{ "$@"; echo "status $?" >&2; } | sleep 60', 'sh', ...words],
  });
  await line(/listening on/);
  const { pid } = JSON.parse((await ask(`${url}/status`)).body) as { pid: number };
  process.kill(pid, 'SIGTERM');
  await line(/exit status 0: SIGTERM was received/);
  process.kill(pid, 'SIGTERM');
  await line(/^status 0$/);
  expect(family.living()).not.toContain(pid);
});

test('with hardly a file descriptor left, a rank that dies is noticed and its workers are ended', async () => {
  const { line, url, family, ended, verdict } = await supervisor({
    options: ['-dp', '3', '--exit-grace', '1'],
    command: ['sh', '-c', 'sleep 63 & exec sleep 61'],
    around: (words) => ['sh', '-c', 'ulimit -n 40; exec "$@"', 'sh', ...words],
  });
  await line(/listening on/);
  const { ranks } = JSON.parse((await ask(`${url}/status`)).body) as { ranks: { pid: number }[] };
  const { connect } = await import('node:net');
  const idle = Array.from({ length: 60 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
  for (const socket of idle) socket.on('error', () => undefined);
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  process.kill(ranks[0]?.pid ?? NaN, 'SIGKILL');
  expect(await ended).toBe(3);
  expect(verdict()).toContain('rank 0 was ended by SIGKILL before the group was ready');
  for (const socket of idle) socket.destroy();
  await vi.waitFor(() => expect(family.living()).toEqual([]), 5_000);
});

test('a probe that hangs is given up when the group stops, so that it holds up nobody who drains', async () => {
  const { signal, ended, line, untilReady } = await supervisor({
    options: [
      ...['--dp-supervisor-probe-interval-s', '0.05', '--dp-supervisor-probe-timeout-s', '60'],
      ...['--exit-grace', '10'],
    ],
    command: rank('hanging'),
  });
  await untilReady();
  for (const number of [0, 1]) await line(new RegExp(`rank ${number}\\] holds a request`));
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('ranks that leave together are looked for together', async () => {
  const { line, signal, ended } = await supervisor({
    options: ['-dp', '8', '--startup-probe-interval-s', '60'],
    command: SLEEP,
    around: ([node = '', ...words]) => [node, '--require', COUNTER, ...words],
  });
  await line(/listening on/);
  signal('SIGTERM');
  const told = await line(/^readings: (\d+)$/);
  expect(await ended).toBe(0);
  expect(Number(told[1])).toBeLessThan(8);
});

const COUNTER = new URL('../fixtures/count-readings.cjs', import.meta.url).pathname;

async function asleep(signal: (name: NodeJS.Signals) => void, ms: number): Promise<void> {
  signal('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal('SIGCONT');
}
