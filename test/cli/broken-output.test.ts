import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { MAIN } from './program-under-test.ts';

test('a reader that has gone away is no fault of anybody', async () => {
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ status: child.exitCode, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a mistake keeps its status when nobody reads of it', async () => {
  const child = spawn(process.execPath, [MAIN, '--prot'], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.destroy();
  await once(child, 'close');
  expect(child.exitCode).toBe(2);
});

test.runIf(process.platform === 'linux')('a full disk is a failure, told in one line', async () => {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const child = spawn(process.execPath, [MAIN, 'plan', 'serve'], { stdio: ['ignore', full, 'pipe'] });
  if (child.stderr === null) throw new Error('standard error was asked for as a pipe');
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(stderr).toMatch(/^dp-supervisor: cannot write to standard output: ENOSPC.*\n$/);
  expect(child.exitCode).toBe(1);
});
