import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import {
  DETOURS,
  EFFECT_GLOBALS,
  purity,
  REAL_TIME,
  TIMED_OPERATORS,
  WALL_CLOCK_GLOBALS,
} from '../../eslint.purity.js';

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
  ['a timer by another name', "import { timer } from 'rxjs';\nconst t = timer;\nexport const x = t(5);"],
  ['a timer handed on', "import { timer } from 'rxjs';\nexport const x = [5].map(timer);"],
  [
    'a repetition after a named time',
    "import { of, repeat } from 'rxjs';\nconst MS = 5;\nexport const x = of(1).pipe(repeat({ delay: MS }));",
  ],
  [
    'a retry after a time that is computed',
    "import { of, retry } from 'rxjs';\nexport const x = (ms: number) => of(1).pipe(retry({ count: 1, delay: ms * 2 }));",
  ],
  ['the date by its format', 'export const x = () => new Intl.DateTimeFormat().format();'],
  ['a signal that is due by the wall clock', 'export const x = () => AbortSignal.timeout(5);'],
  ['what is made of text', "export const x = () => eval('Date.now()');"],
  ['a function that is made of text', "export const x = () => new Function('return Date.now()');"],
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
  ...[...WALL_CLOCK_GLOBALS, ...EFFECT_GLOBALS, ...DETOURS].map((name): readonly [string, string] => [
    `the global ${name}`,
    `export const x = () => ${name};`,
  ]),
];

const GOOD = `import { map, repeat, type SchedulerLike, timer } from 'rxjs';
import type { Fact } from './facts.ts';
export const x = (scheduler: SchedulerLike, fact: Fact) => timer(5, scheduler).pipe(map(() => fact));
export const y = (scheduler: SchedulerLike) => x.pipe(repeat({ delay: () => timer(5, scheduler) }));
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
