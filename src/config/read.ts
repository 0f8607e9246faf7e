import { inspect } from 'node:util';
import { cut, quoted } from '../../streams/quoted.ts';
import { DpsError } from '../errors.ts';
import { MAX_SECONDS, type Option } from './option.ts';

/**
 * Turns what was said into a value of the option's type.
 *
 * @param said text from the command line or the environment; anything from a file or the library
 * @param where how the user knows it: `--port`, `DPS_PORT`, `port in group.yaml`
 * @throws DpsError `DPS_USAGE`: rejected, never clamped
 */
export function read(option: Option, said: unknown, where: string): unknown {
  const value = parse(option, said);
  if (value === undefined) {
    throw new DpsError(
      'DPS_USAGE',
      `${where}: expected ${expectation(option)}, got ${option.type === 'pairs' ? shownPairs(said) : shown(said)}`,
    );
  }
  return value;
}

/** What values are legal, in words. */
export function expectation(option: Option): string {
  switch (option.type) {
    case 'text':
      return 'text';
    case 'choice':
      return `one of ${option.choices.join(', ')}`;
    case 'integer':
      return `a whole number from ${option.min} to ${option.max}`;
    case 'seconds':
      return `seconds from ${option.min} to ${MAX_SECONDS}`;
    case 'list':
      return 'a list such as 0,1,2';
    case 'pairs':
      return 'NAME=VALUE';
    case 'flag':
      return 'true or false';
  }
}

/** On one line, as the user wrote it as far as that is known. */
export function shown(said: unknown): string {
  return typeof said === 'string' ? quoted(said) : cut(inspect(said, { breakLength: Infinity, depth: 1 }));
}

/** The values of pairs may be secrets, and standard error is kept. */
function shownPairs(said: unknown): string {
  if (typeof said === 'string') return shown(said.replace(/=.*/s, '=...'));
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return shown(said);
  const hidden = ([name, value]: [string, unknown]) => [name, typeof value === 'string' ? '...' : value];
  return shown(Object.fromEntries(Object.entries(said).map(hidden)));
}

function parse(option: Option, said: unknown): unknown {
  switch (option.type) {
    case 'text':
      return typeof said === 'string' && said !== '' ? said : undefined;
    case 'choice':
      return option.choices.find((choice) => choice === said);
    case 'integer':
      return inRange(said, /^[+-]?\d+$/, option.min, option.max, Number.isInteger);
    case 'seconds':
      return inRange(said, /^[+-]?(\d+\.?\d*|\.\d+)$/, option.min, MAX_SECONDS, Number.isFinite);
    case 'list':
      return parseList(said);
    case 'pairs':
      return parsePairs(said);
    case 'flag':
      return said === true || said === 'true' || said === '1'
        ? true
        : said === false || said === 'false' || said === '0'
          ? false
          : undefined;
  }
}

function inRange(
  said: unknown,
  pattern: RegExp,
  min: number,
  max: number,
  legal: (value: number) => boolean,
): number | undefined {
  const value = typeof said === 'string' && pattern.test(said) ? Number(said) : said;
  return typeof value === 'number' && legal(value) && value >= min && value <= max ? value : undefined;
}

function parseList(said: unknown): readonly string[] | undefined {
  const items: readonly unknown[] = Array.isArray(said) ? said : typeof said === 'string' ? said.split(',') : [said];
  if (!items.every((item) => typeof item === 'string' || typeof item === 'number')) return undefined;
  const trimmed = items.map((item) => String(item).trim());
  return trimmed.includes('') ? undefined : trimmed;
}

/** Of an environment variable: all that the system takes. */
const NAME = /^[^=\0]+$/;

/** Pairs come as repeated `NAME=VALUE`, or from a file and the library as a mapping. */
function parsePairs(said: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof said === 'object' && said !== null && !Array.isArray(said)) {
    const entries = Object.entries(said);
    if (!entries.every(([name, value]) => NAME.test(name) && isScalar(value))) return undefined;
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  }
  const texts = Array.isArray(said) ? said : [said];
  const pairs = texts.map((text) => /^([^=\0]+)=([^\0]*)$/s.exec(typeof text === 'string' ? text : ''));
  if (!pairs.every((pair) => pair !== null)) return undefined;
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' ? !value.includes('\0') : ['number', 'boolean'].includes(typeof value);
}
