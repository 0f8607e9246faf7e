import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { mark } from '../processes.ts';

test.each([
  ['sleep 60', 0],
  ['trap "" TERM; echo deaf; while :; do sleep 0.1; done', 6],
])('the signals, the exit code and the output stay the host’s own: %s', async (script, status) => {
  const family = mark();
  const host = fork(new URL('../fixtures/host.mjs', import.meta.url), ['census', 'sh', '-c', script], {
    silent: true,
    env: { ...process.env, ...family.env },
  });
  onTestFinished(() => void host.kill('SIGKILL'));
  const [stdout, stderr, [census], [code]] = await Promise.all([
    text(host.stdout as Readable),
    text(host.stderr as Readable),
    once(host, 'message') as Promise<[Record<string, unknown>]>,
    once(host, 'exit') as Promise<[number]>,
  ]);
  expect(census).toMatchObject({ status, exitCode: null });
  expect(census['during']).toEqual(census['before']);
  expect(census['after']).toEqual(census['before']);
  expect([stdout, stderr, code]).toEqual(['', '', 0]);
  expect(family.living()).toEqual([]);
});
