import { linkSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { file, folder, JOURNAL, replay, SCENARIO } from './replay-program.ts';

const text = readFileSync(JOURNAL, 'utf8');
const scenario = readFileSync(SCENARIO, 'utf8');
file('j.ndjson', text);
file('s.marble', scenario);
symlinkSync('j.ndjson', join(folder, 'link.svg'));
linkSync(join(folder, 's.marble'), join(folder, 'other.marble'));

it.each([
  ['the recording', ['j.ndjson', '--svg', 'j.ndjson'], '--svg: expected a file of its own, got j.ndjson'],
  ['the recording by another name', ['j.ndjson', '--html', `${folder}/link.svg`], '--html: expected a file of its own'],
  ['the scenario', ['s.marble', '--save', './s.marble'], '--save: expected a file of its own, got ./s.marble'],
  ['the scenario by a hard link', ['s.marble', '--save', 'other.marble'], '--save: expected a file of its own'],
])('an output never takes the place of %s', (_what, words, message) => {
  const { status, stdout, stderr } = replay(...words);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^dp-supervisor: --\w+: .*, which is the recording itself\n$/);
  expect(stderr).toContain(message);
  expect(readFileSync(join(folder, 'j.ndjson'), 'utf8')).toBe(text);
  expect(readFileSync(join(folder, 's.marble'), 'utf8')).toBe(scenario);
});

it('two outputs never take the place of each other', () => {
  expect(replay('j.ndjson', '--svg', 'same', '--html', `${folder}/same`)).toEqual({
    status: 2,
    stdout: '',
    stderr: `dp-supervisor: --html: expected a file of its own, got ${folder}/same, which is that of --svg as well\n`,
  });
});

it('a device is nobody’s own', () => {
  expect(replay('j.ndjson', '--svg', '/dev/null', '--html', '/dev/null').status).toBe(0);
});

it('a scenario is saved by a name that can be replayed', () => {
  expect(replay('j.ndjson', '--save', 'saved')).toEqual({
    status: 2,
    stdout: '',
    stderr: 'dp-supervisor: --save: expected a name that ends in .marble, got saved\n',
  });
});
