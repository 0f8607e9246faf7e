import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { defaultTerminationLog, terminationLog } from '../../src/drivers/termination-log.ts';

test('a message takes the place of the one before, also of a longer one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'termination-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'log');
  const write = terminationLog(path, (problem) => expect.unreachable(problem));
  write?.('stopping: a long story\n');
  write?.('exit status 0\n');
  expect(readFileSync(path, 'utf8')).toBe('exit status 0\n');
});

test('without a word about it, it is what Kubernetes has put there, and else nowhere', () => {
  expect(defaultTerminationLog('/dev/null')).toBe('/dev/null');
  expect(defaultTerminationLog('/dev/there-is-no-such-file')).toBe('none');
  expect(defaultTerminationLog()).toBe(existsSync('/dev/termination-log') ? '/dev/termination-log' : 'none');
});

test.each([undefined, 'none'])('nothing is written anywhere: %s', (path) => {
  expect(terminationLog(path, (problem) => expect.unreachable(problem))).toBeNull();
});

test.each(['/', '/proc/nowhere', '/dev/full'])('what cannot be written is told once: %s', (path) => {
  const problems: string[] = [];
  const write = terminationLog(path, (problem) => problems.push(problem));
  write?.('one\n');
  write?.('two\n');
  expect(problems).toEqual([expect.stringMatching(/^cannot write the termination log: \w+/)]);
});
