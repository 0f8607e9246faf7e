import { describe, expect, test } from 'vitest';
import { MAX_SECONDS, type Option } from '../../src/config/option.ts';
import { DEMO_OPTIONS, ENGINE_OPTIONS, PLAN_OPTIONS, STATUS_OPTIONS } from '../../src/config/options.ts';
import { expectation, read } from '../../src/config/read.ts';

const tables = { plan: PLAN_OPTIONS, demo: DEMO_OPTIONS, engine: ENGINE_OPTIONS, status: STATUS_OPTIONS };
const options = Object.entries(tables).flatMap(([table, options]) =>
  Object.values<Option>(options).map((option) => ({ table, name: option.name, option })),
);
const ofType = <T extends Option['type']>(type: T) =>
  options.filter(
    (entry): entry is typeof entry & { option: Extract<Option, { type: T }> } => entry.option.type === type,
  );

/** What no number may be, whoever says it. */
const NO_NUMBER = ['', ' ', ' 1', '1 ', '1\n', 'NaN', 'Infinity', '-Infinity', '0x10', '0b1', '1e3', '1_000', '1,000'];
const NO_NUMBER_EITHER = ['one', '--1', '٣', NaN, Infinity, -Infinity, null, true, [], [1], {}, 10n];

function expectRefused(option: Option, said: unknown): void {
  expect(() => read(option, said, 'WHERE'), String(said)).toThrow(
    expect.objectContaining({
      code: 'DPS_USAGE',
      message: expect.stringMatching(new RegExp(`^WHERE: expected ${expectation(option)}, got [^\n]+$`)),
    }),
  );
}

describe('a whole number', () => {
  test.each(ofType('integer'))('$table --$name takes its bounds, as text and as number', ({ option }) => {
    for (const value of [option.min, option.max]) {
      expect(read(option, value, '')).toBe(value);
      expect(read(option, String(value), '')).toBe(value);
      expect(read(option, `+${value}`, '')).toBe(value);
    }
  });

  test.each(ofType('integer'))(
    '$table --$name refuses what is beyond them, and what is no whole number',
    ({ option }) => {
      for (const value of [option.min - 1, option.max + 1, option.min + 0.5, -1, Number.MAX_VALUE]) {
        expectRefused(option, value);
        expectRefused(option, String(value));
      }
      for (const said of [...NO_NUMBER, ...NO_NUMBER_EITHER, '1.0', '.5', '9'.repeat(400)]) expectRefused(option, said);
    },
  );
});

describe('a duration', () => {
  test.each(ofType('seconds'))('$table --$name takes its bounds, and fractions', ({ option }) => {
    for (const value of [option.min, 0.25, 1, MAX_SECONDS]) {
      expect(read(option, value, '')).toBe(value);
      expect(read(option, String(value), '')).toBe(value);
    }
    expect(read(option, '.5', '')).toBe(0.5);
    expect(read(option, '2.', '')).toBe(2);
  });

  test.each(ofType('seconds'))(
    '$table --$name refuses what is beyond them, units, and what is no number',
    ({ option }) => {
      for (const value of [option.min - 0.001, MAX_SECONDS + 0.001, -1, 2 ** 31, Number.MAX_VALUE]) {
        expectRefused(option, value);
        expectRefused(option, String(value));
      }
      const units = ['5s', '1m', '1:30', '1,5', '.', '1.2.3'];
      for (const said of [...NO_NUMBER, ...NO_NUMBER_EITHER, ...units, '9'.repeat(400)]) expectRefused(option, said);
    },
  );

  test('and the longest two together still fit a timer', () => {
    expect(2 * MAX_SECONDS * 1_000).toBeLessThan(2 ** 31 - 1);
  });
});

describe('a choice', () => {
  test.each(ofType('choice'))('$table --$name is one of a few, spelt exactly', ({ option }) => {
    for (const choice of option.choices) {
      expect(read(option, choice, '')).toBe(choice);
      const otherCase = choice === choice.toUpperCase() ? choice.toLowerCase() : choice.toUpperCase();
      for (const said of [otherCase, `${choice} `, choice.slice(1), [choice]]) expectRefused(option, said);
    }
    for (const said of ['', 'none of them', 0, null]) expectRefused(option, said);
  });
});

describe('text', () => {
  test.each(ofType('text'))('$table --$name is any text but none', ({ option }) => {
    for (const said of ['a', ' ', 'ö\n', '-']) expect(read(option, said, '')).toBe(said);
    for (const said of ['', 4, true, null, ['a']]) expectRefused(option, said);
  });
});

describe('a list', () => {
  test.each(ofType('list'))('$table --$name has at least one item, and none of nothing', ({ option }) => {
    expect(read(option, '0,1', '')).toEqual(['0', '1']);
    expect(read(option, 'GPU-1 , GPU-2', '')).toEqual(['GPU-1', 'GPU-2']);
    expect(read(option, [0, '1'], '')).toEqual(['0', '1']);
    expect(read(option, 7, '')).toEqual(['7']);
    for (const said of ['', ',', '0,', ',0', '0,,1', '0, ,1', null, undefined, true, {}, [null], ['']]) {
      expectRefused(option, said);
    }
  });
});

describe('a pair', () => {
  test.each(ofType('pairs'))(
    '$table --$name has a name that the system takes, and any value without NUL',
    ({ option }) => {
      expect(read(option, 'A=', '')).toEqual({ A: '' });
      expect(read(option, 'A=b\nc=d', '')).toEqual({ A: 'b\nc=d' });
      expect(read(option, { A: 1, B: false }, '')).toEqual({ A: '1', B: 'false' });
      expect(Object.keys(read(option, '__proto__=1', '') as object)).toEqual(['__proto__']);
      const wrong = [
        '',
        'A',
        '=b',
        'A=\0',
        'A\0=b',
        4,
        null,
        [4],
        { '': 'b' },
        { 'A=B': 'c' },
        { A: null },
        { A: '\0' },
      ];
      for (const said of wrong) expectRefused(option, said);
    },
  );
});

describe('a flag', () => {
  test.each(ofType('flag'))('$table --$name is true or false', ({ option }) => {
    for (const said of [true, 'true', '1']) expect(read(option, said, '')).toBe(true);
    for (const said of [false, 'false', '0']) expect(read(option, said, '')).toBe(false);
    for (const said of ['', 'yes', 'TRUE', 1, null]) expectRefused(option, said);
  });
});

test('the default of every option is one of its legal values', () => {
  for (const { option } of options) {
    if (!('default' in option) || option.default === undefined) continue;
    expect(read(option, option.default, option.name)).toEqual(option.default);
  }
});
