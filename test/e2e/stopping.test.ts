import { once } from 'node:events';
import type { Server } from 'node:net';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../streams/policy.ts';
import { ask, freePorts, hold } from '../loopback.ts';
import { ENGINE, rank, SLEEP, supervisor } from './supervisor.ts';

/** So long after the first, a signal is a second one. It is this length of time that is tested. */
const SECOND_MS = DEFAULT_POLICY.secondSignalAfterMs + 50;

test('a group becomes ready, and leaves with 0 when it is asked to and all leave in time', async () => {
  const { untilReady, url, line, signal, ended, verdict, family } = await supervisor();
  await line(/^dp-supervisor: listening on 127\.0\.0\.1 port \d+; 2 ranks on ports \d+-\d+$/);
  await untilReady();
  expect((await ask(`${url}/health`)).status).toBe(200);
  expect(family.living()).toHaveLength(3);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(verdict()).toBe('dp-supervisor: exit status 0: SIGTERM was received');
  expect(family.living()).toEqual([]);
  expect(await hold(Number(new URL(url).port))).not.toBeNull();
});

test.each(['SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('%s is passed on as it came', async (name) => {
  const { untilReady, signal, ended, stdout, verdict, family } = await supervisor({ command: rank('obedient') });
  await untilReady();
  signal(name);
  expect(await ended).toBe(0);
  expect(verdict()).toBe(`dp-supervisor: exit status 0: ${name} was received`);
  expect(
    stdout()
      .match(/\[rank \d\] got \w+/g)
      ?.sort(),
  ).toEqual([`[rank 0] got ${name}`, `[rank 1] got ${name}`]);
  expect(family.living()).toEqual([]);
});

test('SIGTERM while the ranks are starting stops them', async () => {
  const { line, signal, ended, verdict, family } = await supervisor({ command: SLEEP });
  await line(/listening on/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(verdict()).toBe('dp-supervisor: exit status 0: SIGTERM was received');
  expect(family.living()).toEqual([]);
});

test('a rank that is deaf to SIGTERM is killed after its grace, and a signal told twice changes nothing', async () => {
  const { untilReady, line, signal, ended, verdict, family } = await supervisor({
    command: rank('deaf'),
    options: ['--exit-grace', '1'],
  });
  await untilReady();
  signal('SIGTERM');
  await line(/stopping: /);
  signal('SIGTERM');
  expect(await ended).toBe(6);
  const killed = 'ranks 0, 1 did not leave in time and had to be killed';
  expect(verdict()).toBe(`dp-supervisor: exit status 6: SIGTERM was received; ${killed}`);
  expect(family.living()).toEqual([]);
});

test('a second SIGTERM kills a rank that is deaf at once: 6, and the last line says why', async () => {
  const { untilReady, line, signal, ended, verdict, family } = await supervisor({
    command: rank('deaf'),
    options: ['--shutdown-timeout', '600'],
  });
  await untilReady();
  signal('SIGTERM');
  await line(/\[rank 0\] got SIGTERM/);
  await line(/\[rank 1\] got SIGTERM/);
  await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
  signal('SIGTERM');
  await line(/^dp-supervisor: rank 1 gets no more time: SIGTERM was a second signal; killing it$/);
  expect(await ended).toBe(6);
  const why = 'SIGTERM was a second signal and had ranks 0, 1 killed at once';
  expect(verdict()).toBe(`dp-supervisor: exit status 6: SIGTERM was received; ${why}`);
  expect(family.living()).toEqual([]);
});

test('a second signal during the drain delay kills ranks that have hardly been told: 6', async () => {
  const { untilReady, line, signal, ended, family } = await supervisor({
    command: rank('deaf'),
    options: ['--drain-delay', '600', '--shutdown-timeout', '600'],
  });
  await untilReady();
  signal('SIGTERM');
  await line(/stopping: SIGTERM was received/);
  await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
  signal('SIGINT');
  await line(/exit status 6: SIGTERM was received; SIGINT was a second signal and had ranks 0, 1 killed at once$/);
  expect(await ended).toBe(6);
  expect(family.living()).toEqual([]);
});

test('a request in flight is finished within the shutdown timeout', async () => {
  const { untilReady, rankUrl, line, signal, ended, family } = await supervisor({
    options: ['--shutdown-timeout', '60'],
    command: [...ENGINE, '--tokens-per-second', '20'],
  });
  await untilReady();
  const response = await fetch(`${rankUrl(1)}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'tell me a story', max_tokens: 20, stream: true }),
  });
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let story = (await reader.read()).value ?? '';
  signal('SIGTERM');
  await line(/\[rank 1\] draining: 1 running/);
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) story += piece.value;
  expect(story.match(/^data: \{/gm)?.length).toBeGreaterThanOrEqual(20);
  expect(story).toMatch(/data: \[DONE\]\s*$/);
  expect(await ended).toBe(0);
  expect(family.living()).toEqual([]);
});

test('a daemon that a rank left behind is stopped with it', async () => {
  const { line, signal, ended, family } = await supervisor({
    options: ['-dp', '1'],
    command: ['sh', '-c', '(setsid sh -c "echo daemon \\$\\$; exec sleep 60" &); exec sleep 60'],
  });
  await line(/daemon (\d+)/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(family.living()).toEqual([]);
});

test('somebody else’s server on the port of a rank, who never answers, does not keep the supervisor', async () => {
  const port = await freePorts();
  const asked = once((await hold(port + 1)) as Server, 'connection');
  // A rank that has another PORT does not mind who has this one.
  const options = ['-dp', '1', '--dp-supervisor-probe-timeout-s', '600', '--env', 'PORT=none'];
  const { signal, ended } = await supervisor({ port, options, command: SLEEP });
  await asked;
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('two supervisors side by side know nothing of each other', async () => {
  const [one, other] = await Promise.all([
    supervisor({ command: rank('obedient') }),
    supervisor({ command: rank('obedient') }),
  ]);
  await Promise.all([one.untilReady(), other.untilReady()]);
  one.signal('SIGTERM');
  expect(await one.ended).toBe(0);
  expect(one.family.living()).toEqual([]);
  expect((await ask(`${other.url}/health`)).status).toBe(200);
  expect(other.family.living()).toHaveLength(3);
  other.signal('SIGTERM');
  expect(await other.ended).toBe(0);
});

test('signals up to its very last instant do not change its exit status', async () => {
  const { line, signal, ended } = await supervisor({ command: SLEEP });
  await line(/listening on/);
  signal('SIGTERM');
  await line(/exit status 0/);
  let left = false;
  void ended.then(() => (left = true));
  while (!left) {
    try {
      signal('SIGTERM');
    } catch {
      // it has left, which is told in a moment
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await ended).toBe(0);
});
