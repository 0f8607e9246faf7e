import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { of } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { keepJournal } from '../../src/journal/keep.ts';
import type { Exit } from '../../streams/commands.ts';
import { entry, HEADER } from './lines.ts';
import { checkedFile } from './schema-check.ts';

it('however often SIGUSR2 came, a group that fails leaves its journal', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keep-test-'));
  const told: string[] = [];
  let end = (): void => undefined;
  const exited = new Promise<Exit>((resolve) => (end = () => resolve(FAILED)));
  onTestFinished(() => {
    end();
    rmSync(directory, { recursive: true });
  });
  const settings = { journal: undefined, journalMaxMb: 1, journalOnFailure: directory };
  const lastWords = keepJournal({ journal$: of(HEADER, entry(1)), exited }, null, settings, (line) => told.push(line));

  for (let count = 1; count <= 101; count += 1) process.emit('SIGUSR2');
  expect(readdirSync(directory)).toHaveLength(99);
  expect(told.at(-1)).toBe(`cannot leave the journal in ${directory}: there are 99 of it already`);
  const [, path = ''] = /^; the journal is (.*)$/.exec(lastWords(FAILED)) ?? [];
  expect(checkedFile(path).entries).toHaveLength(1);
  expect(readdirSync(directory)).toHaveLength(100);
});

const FAILED: Exit = {
  type: 'Exit',
  status: 1,
  cause: { kind: 'fault', error: 'planted', afterReady: false },
  killed: [],
  left: [],
};
