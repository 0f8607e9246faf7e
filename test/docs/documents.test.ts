import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT_STATUS } from '../../streams/exit-status.ts';
import { ENGINE_NAMES } from '../../src/adapters/names.ts';
import { ROUTES } from '../../src/http/routes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `examples/${name}`),
);

describe('the documents', () => {
  it.each(documents)('%s links only to what is there', (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = '']) => target);
    const broken = links.filter((link) => !link.startsWith('http') && !existsSync(join(root, dirname(path), link)));
    expect(broken).toEqual([]);
  });

  it.each(documents)('%s names only scripts that there are', (path) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(path).matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('the README has every exit status and every route', () => {
    const readme = read('README.md');
    for (const { status } of Object.values(EXIT_STATUS)) expect(readme).toMatch(new RegExp(`^\\| ${status} `, 'm'));
    for (const { path } of ROUTES) expect(readme).toContain(`\`${path.replace(':rank', 'R')}\``);
  });

  it('every engine has a row on the page of engines, with what was run of it', () => {
    const page = read('docs/reference/engines.md');
    for (const name of ENGINE_NAMES)
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` .*\\| (yes|no|\\[yes\\])[^|]*\\|$`, 'm'));
  });

  it("the README's picture is the scenario, with notes beside it", () => {
    const picture = read('README.md').split('```')[1] ?? '';
    const lanes = read('marbles/does-not-drain.marble')
      .split('\n')
      .filter((line) => line !== '' && !/^(policy|frame|where)/.test(line));
    expect(lanes.filter((lane) => !picture.includes(lane))).toEqual([]);
  });

  it('the reference of scenarios shows one that is held', () => {
    expect(read('docs/reference/scenarios.md')).toContain(read('marbles/exit-after-ready.marble'));
  });

  it('the guide to embedding names every member of a group', () => {
    const [, members = ''] = /^export interface Group \{\n([^]*?)^\}/m.exec(read('src/supervise.ts')) ?? [];
    const names = [...members.matchAll(/^ {2}(?:readonly )?([\w$]+)[(:]/gm)].map(([, name = '']) => name);
    expect(names).toContain('journal$');
    const guide = read('docs/guides/embedding.md');
    expect(names.filter((name) => !new RegExp(`^\\|.*\`${name.replace('$', '\\$')}[\`(]`, 'm').test(guide))).toEqual(
      [],
    );
  });

  it('what is promised is held by tests and scenarios that there are', () => {
    const text = read('docs/reference/reliability.md');
    const named = [...text.matchAll(/`(test\/[\w/-]+\.test\.ts)`:([^`|]*)/g)].flatMap(([, path = '', titles = '']) =>
      [...titles.matchAll(/_([^_]+)_/g)].map(([, title = '']) => ({ path, title })),
    );
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter(({ path, title }) => !read(path).includes(title))).toEqual([]);
    const scenarios = [...text.matchAll(/`(marbles\/[\w-]+\.marble)`/g)].map(([, path = '']) => path);
    expect(scenarios.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('what happens when is held by scenarios that there are', () => {
    const cells = read('docs/guides/what-happens-when.md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| --'))
      .slice(1)
      .map((line) => line.split('|').at(-2) ?? '');
    const named = cells.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name));
    expect(named.length).toBeGreaterThan(15);
    expect(cells.every((cell) => cell.includes('`'))).toBe(true);
    expect(named.filter((name) => !existsSync(join(root, 'marbles', `${name}.marble`)))).toEqual([]);
  });
});
