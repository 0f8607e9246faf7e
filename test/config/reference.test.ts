import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { variableOf } from '../../src/config/option.ts';
import {
  DEMO_OPTIONS,
  ENGINE_OPTIONS,
  GROUP_OPTIONS,
  PLAN_OPTIONS,
  REPLAY_OPTIONS,
  STATUS_OPTIONS,
} from '../../src/config/options.ts';
import { ERROR_CODES } from '../../src/errors.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { EXIT_STATUS } from '../../streams/exit-status.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = join(root, 'docs/reference');
const fresh = mkdtempSync(join(tmpdir(), 'reference-test-'));
afterAll(() => rmSync(fresh, { recursive: true }));

const page = (name: string) => readFileSync(join(pages, name), 'utf8');

/** What stands in the code marks of the first cells of the tables of a page. */
const firstCells = (name: string) => [...page(name).matchAll(/^\| `([^`]+)` /gm)].map(([, cell = '']) => cell);

test('the pages on disk are those of the tables: otherwise `npm run docs` was forgotten', () => {
  execFileSync(process.execPath, ['scripts/reference.mjs', fresh], { cwd: root });
  const names = readdirSync(fresh);
  expect(names.sort()).toEqual(['errors.md', 'exit-status.md', 'http.md', 'options.md']);
  for (const name of names) expect(page(name), name).toBe(readFileSync(join(fresh, name), 'utf8'));
});

test('every option is on the page under all of its names', () => {
  const text = page('options.md');
  const tables = [GROUP_OPTIONS, PLAN_OPTIONS, STATUS_OPTIONS, DEMO_OPTIONS, ENGINE_OPTIONS];
  const spelt = firstCells('options.md').map((cell) => cell.split(/, | /));
  for (const option of tables.flatMap((table) => Object.values(table))) {
    const names = ['short' in option ? [option.short] : [], `--${option.name}`].flat();
    expect(spelt).toContainEqual(expect.arrayContaining(names));
    if (!('commandLineOnly' in option)) expect(text).toContain(`\`${variableOf(option)}\``);
  }
  for (const key of Object.keys(GROUP_OPTIONS)) expect(text).toContain(`\`${key}\``);
});

test('every option of the page exists', () => {
  const tables = [PLAN_OPTIONS, REPLAY_OPTIONS, STATUS_OPTIONS, DEMO_OPTIONS, ENGINE_OPTIONS];
  const known = new Set(tables.flatMap((table) => Object.values(table).map(({ name }) => `--${name}`)));
  const told = firstCells('options.md').map((cell) => /--[\w-]+/.exec(cell)?.[0] ?? cell);
  for (const name of told) expect(known).toContain(name);
});

test('every exit status, error code and route is on its page, in order, and nothing else is', () => {
  const statuses = Object.entries(EXIT_STATUS).map(([name, { status }]) => `| ${status} | \`${name}\` |`);
  const rows = page('exit-status.md').match(/^\| \d.*$/gm) ?? [];
  expect(rows.map((row) => /^\| \d+ +\| `\w+` +\|/.exec(row)?.[0].replace(/ +/g, ' '))).toEqual(statuses);
  expect(firstCells('errors.md')).toEqual(Object.keys(ERROR_CODES));
  expect(firstCells('http.md').filter((cell) => cell.startsWith('/'))).toEqual(ROUTES.map(({ path }) => path));
});
