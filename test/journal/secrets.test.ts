import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../loopback.ts';
import { program, RANK } from './program.ts';
import { checked } from './schema-check.ts';
import { SECRET_WORDS } from './secrets.ts';

const PLANTED = 'PLANTED';
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

/** Secrets that only a variable's name gives away: the ranks' own, and one that they inherit. */
const VARIABLES = ['--env', `RANK_TOKEN=${PLANTED}-of-the-rank`, '--env', `URL=http://u:${PLANTED}-in-a-url@h/`];
const INHERITED = { HF_TOKEN: `${PLANTED}-inherited` };
const ALONE = [`${PLANTED}-of-the-rank`, `x:${PLANTED}-inherited`];

describe('no secret is', () => {
  it('in a journal, in /journal or in what SIGUSR2 writes, in whatever form it stands on the command line', async () => {
    const file = join(directory, 'j');
    const group = await program({
      options: ['--journal', file, '--journal-on-failure', directory, ...VARIABLES],
      command: [...RANK, ...SECRET_WORDS(PLANTED).flatMap((words) => [...words, '--end']), ...ALONE],
      env: INHERITED,
    });
    await group.line(/ranks are ready/);
    const { body } = await ask(`${group.url}/journal`);
    process.kill(group.pid, 'SIGUSR2');
    const [, dump = ''] = await group.line(/the journal so far is (\S+)$/);
    process.kill(group.pid, 'SIGTERM');
    expect(await group.ended).toBe(0);
    for (const text of [body, readFileSync(dump, 'utf8'), readFileSync(file, 'utf8')]) {
      expect(text.split(PLANTED).length - 1).toBe(0);
      const words = checked(text).header.ranks[1]?.argv ?? [];
      expect(words.slice(0, RANK.length)).toEqual(RANK);
      expect(words.filter((word) => word.includes('***')).length).toBeGreaterThan(SECRET_WORDS('').length);
    }
  });

  it.each([
    'HF_TOKEN=PLANTED-0',
    'server --api-key PLANTED-0 --port 1',
    'server --url https://user:PLANTED-0@127.0.0.1/',
    'server {"api_key":"PLANTED-0"}',
  ])('in the error of a program that cannot be started: %s', async (word) => {
    const file = join(directory, 'j');
    const group = await program({
      options: ['--journal', file, ...VARIABLES],
      command: [word, `${PLANTED}-inherited`],
      env: INHERITED,
    });
    expect(await group.ended).toBe(3);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/"error":"there is no program .*\*\*\*/);
    checked(text);
    expect(text).not.toContain(PLANTED);
  });
});
