import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { types } from 'node:util';
import type * as Yaml from 'yaml';
import { DpsError, fileProblem } from '../../errors.ts';
import { LONG_OPTIONS } from './option-names.ts';

/**
 * The options in the YAML file of vLLM's `--config`, as the words that vLLM makes of them (vLLM: `load_config_file`):
 * true is the bare option, a list its words, a mapping JSON.
 *
 * @param hasSubcommand false is dropped by `vllm serve`, and the `--no-` form for its older server
 * @throws DpsError `DPS_CONFIG_FILE`
 */
export function wordsOfConfigFile(path: string, hasSubcommand: boolean): readonly string[] {
  refuseIf(path.includes('{'), path, 'a placeholder cannot be filled in here: it is one file for all ranks');
  refuseIf(!/\.ya?ml$/.test(path), path, 'expected a file whose name ends in .yaml or .yml');
  return entriesOf(path).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (value === false) return !hasSubcommand && LONG_OPTIONS.includes(`no-${name}`) ? [`--no-${name}`] : [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [`--${name}`, ...value.map(asPython)];
    return [`--${name}`, typeof value === 'object' && value !== null ? JSON.stringify(value) : asPython(value)];
  });
}

/**
 * Names and values, in order; a number that is no whole one, and a date, as they are written. PyYAML reads version 1.1,
 * in which `yes` and `on` are true as well.
 */
function entriesOf(path: string): readonly (readonly [string, unknown])[] {
  // At once, as the library has to answer at once, but only when there is a file: few have one, and it takes its time.
  const { isMap, isNode, isScalar, parseDocument } = createRequire(import.meta.url)('yaml') as typeof Yaml;
  const document = parseDocument(textOf(path), { version: '1.1', intAsBigInt: true });
  const [problem] = document.errors;
  refuseIf(problem !== undefined, path, problem?.message.split('\n')[0] ?? '');
  const { contents } = document;
  if (!isMap(contents)) throw refusal(path, 'expected a mapping of options');
  return contents.items.map(({ key, value }) => {
    const isWritten = isScalar(value) && (typeof value.value === 'number' || types.isDate(value.value));
    return [String(key), isWritten ? value.source : asJson(isNode(value) ? value.toJS(document) : null)] as const;
  });
}

/** Whole numbers are read exactly; within JSON they are numbers. */
function asJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const plain = (_key: string, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner);
  return JSON.parse(JSON.stringify(value, plain));
}

function textOf(path: string): string {
  try {
    if (!statSync(path).isFile()) throw new Error('it is no regular file');
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DpsError('DPS_CONFIG_FILE', `vLLM: --config: ${fileProblem(error as Error, path)}`);
  }
}

function refuseIf(wrong: boolean, path: string, message: string): void {
  if (wrong) throw refusal(path, message);
}

function refusal(path: string, message: string): DpsError {
  return new DpsError('DPS_CONFIG_FILE', `vLLM: --config ${path}: ${message}`);
}

function asPython(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  return value === null || value === undefined ? 'None' : String(value);
}
