import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { logFiles } from '../../src/drivers/log-files.ts';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'log-files-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const none = (problem: string) => expect.unreachable(problem);
const options = { maxBytes: null, maxFiles: 2 };

function written(sink: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => sink.write(text, (error) => (error ? reject(error) : resolve())));
}

async function ended(sink: Writable): Promise<void> {
  sink.end();
  await once(sink, 'close');
}

test('each rank has a file, in a directory that is made for it, and what is there already is added to', async () => {
  const path = join(directory(), 'new', 'logs');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'rank-4.log'), 'an earlier run\n');
  const file = logFiles({ ...options, directory: path }, [4, 5], none);
  await written(file(4), 'four\n');
  await written(file(5), 'five\n');
  await Promise.all([4, 5].map((rank) => ended(file(rank))));
  expect(readFileSync(join(path, 'rank-4.log'), 'utf8')).toBe('an earlier run\nfour\n');
  expect(readFileSync(join(path, 'rank-5.log'), 'utf8')).toBe('five\n');
});

test('a file that is large enough is put aside, whole lines and all of them, and so many are kept', async () => {
  const path = directory();
  const file = logFiles({ directory: path, maxBytes: 100, maxFiles: 2 }, [0], none);
  const lines = Array.from({ length: 40 }, (_, index) => `line ${String(index).padStart(4, '0')}\n`);
  for (const line of lines) await written(file(0), line);
  await ended(file(0));
  expect(readdirSync(path).sort()).toEqual(['rank-0.log', 'rank-0.log.1', 'rank-0.log.2']);
  const all = ['.2', '.1', ''].map((end) => readFileSync(join(path, `rank-0.log${end}`), 'utf8')).join('');
  expect(all).toBe(lines.slice(-all.length / 10).join(''));
});

test.each<[string, (path: string) => string]>([
  ['a file in its way', (path) => (writeFileSync(join(path, 'file'), ''), join(path, 'file'))],
  ['a file above it', (path) => (writeFileSync(join(path, 'file'), ''), join(path, 'file', 'logs'))],
  ['a directory in the place of a log', (path) => (mkdirSync(join(path, 'rank-0.log')), path)],
  ['a device in the place of a log', (path) => (symlinkSync('/dev/null', join(path, 'rank-0.log')), path)],
  ['a file system that takes nothing', () => '/proc/self'],
  ['a file system that makes nothing', () => '/proc/none/logs'],
])('a directory that cannot be written is refused: %s', (_, made) => {
  const path = made(directory());
  const attempt = () => logFiles({ ...options, directory: path }, [0], none);
  expect(attempt).toThrow(expect.objectContaining({ code: 'DPS_LOG_DIR', status: 2 }));
  expect(attempt).toThrow(/^--log-dir: [^\n]*$/);
});

test('directories above it are made as well', async () => {
  const path = join(directory(), 'a', 'b');
  const file = logFiles({ ...options, directory: path }, [0], none);
  await written(file(0), 'line\n');
  await ended(file(0));
  expect(readFileSync(join(path, 'rank-0.log'), 'utf8')).toBe('line\n');
});

test('what cannot be written later is told once, whatever the number of ranks, and nobody is waited for', async () => {
  const problems: string[] = [];
  const file = logFiles({ ...options, directory: directory() }, [0, 1], (problem) => problems.push(problem));
  await Promise.all([0, 1].map((rank) => written(file(rank), 'fine\n')));
  for (const rank of [0, 1]) {
    const closed = once(file(rank), 'close').catch(() => undefined);
    file(rank).destroy(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
    await closed;
  }
  expect(problems).toEqual([
    expect.stringMatching(/^cannot write .*rank-0\.log: ENOSPC.*; its rank goes on without it$/),
  ]);
});
