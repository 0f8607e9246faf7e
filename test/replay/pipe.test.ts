import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { file, folder, JOURNAL, replay, SCENARIO, shell } from './replay-program.ts';

const text = readFileSync(JOURNAL, 'utf8');
const same = file('same.ndjson', text);
const other = file('other.ndjson', text.replace('"type":"Exit","status":4', '"type":"Exit","status":0'));
const [, ...verdict] = replay(same).stdout.split('\n');

/** Longer than what a pipe, and the reader, hold at once. */
const [header = '', ...lines] = text.split('\n');
const long = file(
  'long.ndjson',
  `${header.replace('"argv":["', `"argv":["${'x'.repeat(1_000_000)}","`)}\n${lines.join('\n')}`,
);

it.each([
  ['standard input', (journal: string) => `cat ${journal} | $REPLAY /dev/stdin`],
  ['a substituted process', (journal: string) => `$REPLAY <(gzip -c ${journal} | zcat)`],
  [
    'a named pipe',
    (journal: string) => `mkfifo ${journal}.fifo; cat ${journal} > ${journal}.fifo & $REPLAY ${journal}.fifo`,
  ],
  ['a file as standard input', (journal: string) => `$REPLAY /dev/stdin < ${journal}`],
])('a journal from %s is replayed as one from a file', (_what, script) => {
  const { status, stdout } = shell(script(same));
  expect([status, stdout.split('\n').slice(1)]).toEqual([0, verdict]);
  const { status: otherStatus, stdout: told } = shell(script(other));
  expect(otherStatus).toBe(1);
  expect(told).toContain('different: the replay (+) parts from the recording (-) at entry');
  expect(shell(script(long)).stdout.split('\n').slice(1)).toEqual(verdict);
});

it('nothing is left of it in the temporary directory, which only its owner can read', () => {
  mkdirSync(join(folder, 'tmp'));
  expect(shell(`cat ${same} | $REPLAY /dev/stdin`, { TMPDIR: join(folder, 'tmp') }).status).toBe(0);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

it.each([
  ['nothing at all', 'true | $REPLAY /dev/stdin', '/dev/stdin: line 1: expected the header of a journal, got nothing'],
  [
    'what never ends',
    'yes | $REPLAY /dev/stdin',
    '/dev/stdin: line 1: expected the header of a journal, {"v":1,"header":{...}}',
  ],
  ['a device', '$REPLAY /dev/zero', 'cannot read the recording: expected a file or a pipe, got /dev/zero'],
  [
    'a pipe without a place to put it',
    `cat ${JOURNAL} | TMPDIR=none $REPLAY /dev/stdin`,
    "cannot read the recording: ENOENT: no such file or directory, mkdtemp 'none/dp-supervisor-XXXXXX'",
  ],
])('%s is refused in one line, with 2', (_what, script, message) => {
  expect(shell(script)).toEqual({ status: 2, stdout: '', stderr: `dp-supervisor: ${message}\n` });
});

it('a scenario comes through a pipe whose name says that it is one', () => {
  expect(shell(`mkfifo s.marble; cat ${SCENARIO} > s.marble & $REPLAY s.marble`).status).toBe(0);
});
