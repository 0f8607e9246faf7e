import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { EFFECT_GLOBALS, purity, REAL_TIME, TIMED_OPERATORS, WALL_CLOCK_GLOBALS } from '../../eslint.purity.js';

/** One bad line for each rule of the house, and a good one that must pass. */
const BAD_LINES: readonly (readonly [rule: string, line: string])[] = [
  ['a driver', "import { liveClock } from '../src/drivers/clock.ts';\nexport const x = liveClock;"],
  ['a module of Node', "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;"],
  ['another package', "import fastify from 'fastify';\nexport const x = fastify;"],
  ['a deep import of rxjs', "import { Action } from 'rxjs/internal/scheduler/Action';\nexport const x = Action;"],
  ['a sibling folder of streams', "import { x } from '../test/x.ts';\nexport const y = x;"],
  ['a dynamic import', "export const x = () => import('./facts.ts');"],
  ['Date.now', 'export const x = () => Date.now();'],
  ['Date under another name', 'const D = Date;\nexport const x = () => D.now();'],
  ['new Date without an argument', 'export const x = () => new Date();'],
  ['Date as a function', 'export const x = () => Date();'],
  ['Math.random', 'export const x = () => Math.random();'],
  ['a promise', 'export const x = () => Promise.resolve();'],
  ['a timer without a scheduler', "import { timer } from 'rxjs';\nexport const x = timer(5);"],
  ['a timer under another name', "import { timer as t } from 'rxjs';\nexport const x = t(5);"],
  [
    'a repetition after a time',
    "import { of, repeat } from 'rxjs';\nexport const x = of(1).pipe(repeat({ delay: 5 }));",
  ],
  ['a retry after a time', "import { of, retry } from 'rxjs';\nexport const x = of(1).pipe(retry({ delay: 5 }));"],
  ['a replay for a time', "import { of, shareReplay } from 'rxjs';\nexport const x = of(1).pipe(shareReplay(1, 5));"],
  [
    'a replay for a named time',
    "import { of, shareReplay } from 'rxjs';\nexport const x = of(1).pipe(shareReplay({ windowTime: 5, refCount: true }));",
  ],
  ['a subject that forgets', "import { ReplaySubject } from 'rxjs';\nexport const x = new ReplaySubject(1, 5);"],
  ...[...TIMED_OPERATORS, ...REAL_TIME].map((name): readonly [string, string] => [
    `${name} of rxjs`,
    `import { ${name} } from 'rxjs';\nexport const x = ${name};`,
  ]),
  ...[...WALL_CLOCK_GLOBALS, ...EFFECT_GLOBALS].map((name): readonly [string, string] => [
    `the global ${name}`,
    `export const x = () => ${name};`,
  ]),
];

const GOOD = `import { map, type SchedulerLike, timer } from 'rxjs';
import type { Fact } from './facts.ts';
export const x = (scheduler: SchedulerLike, fact: Fact) => timer(5, scheduler).pipe(map(() => fact));
`;

/** As which the lines are linted. */
const FILE_PATH = new URL('../../streams/facts.ts', import.meta.url).pathname;

async function objections(text: string): Promise<readonly string[]> {
  const [result] = await linter.lintText(text, { filePath: FILE_PATH });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const cwd = new URL('../../', import.meta.url).pathname;
// The rules of purity alone: those that need types would compile the whole project for each line.
const linter = new ESLint({
  cwd,
  overrideConfigFile: true,
  overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser as Linter.Parser } }, ...purity],
});

describe('the linter keeps streams/ pure', () => {
  it.each(BAD_LINES)('it objects to %s', async (_what, text) => {
    const rules = await objections(`${text}\n`);
    expect(rules.filter((rule) => rule.startsWith('no-restricted'))).not.toEqual([]);
  });

  it('and these are the rules that the house lints streams/ by', async () => {
    const house = (await new ESLint({ cwd }).calculateConfigForFile(FILE_PATH)) as Linter.Config;
    for (const rule of Object.keys(purity[0]?.rules ?? {})) expect(house.rules).toHaveProperty([rule]);
  });

  it('and src/ has no wall clock but for what people read', async () => {
    const rulesOf = async (path: string) => {
      const house = (await new ESLint({ cwd }).calculateConfigForFile(`${cwd}${path}`)) as Linter.Config;
      return JSON.stringify(house.rules?.['no-restricted-globals'] ?? null);
    };
    for (const path of ['src/drivers/clock.ts', 'src/drivers/probes.ts', 'src/supervise.ts', 'src/http/status.ts']) {
      expect(await rulesOf(path)).toContain('"Date"');
    }
    expect(await rulesOf('src/journal/group.ts')).not.toContain('"Date"');
  });

  it('it lets a pure line pass', async () => {
    expect(await objections(GOOD)).toEqual([]);
  });
});
