import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { DpsError, fileProblem } from '../../errors.ts';
import { LONG_OPTIONS } from './option-names.ts';

/**
 * The options in the YAML file of vLLM's `--config`, as the words that vLLM makes of them (vLLM: `load_config_file`):
 * true is the bare option, false its `--no-` form where there is one, a list its words, a mapping JSON.
 *
 * @throws DpsError `DPS_CONFIG_FILE`
 */
export function wordsOfConfigFile(path: string): readonly string[] {
  if (!/\.ya?ml$/.test(path)) {
    throw new DpsError('DPS_CONFIG_FILE', `vLLM: --config ${path}: expected a file whose name ends in .yaml or .yml`);
  }
  const entries = parse(path);
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new DpsError('DPS_CONFIG_FILE', `vLLM: --config ${path}: expected a mapping of options`);
  }
  return Object.entries(entries).flatMap(([name, value]: [string, unknown]) => {
    if (value === true) return [`--${name}`];
    if (value === false) return LONG_OPTIONS.includes(`no-${name}`) ? [`--no-${name}`] : [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [`--${name}`, ...value.map(asPython)];
    return [`--${name}`, typeof value === 'object' && value !== null ? JSON.stringify(value) : asPython(value)];
  });
}

/** PyYAML reads version 1.1, in which `yes` and `on` are true as well. */
function parse(path: string): unknown {
  // At once, as the library has to answer at once, but only when there is a file: few have one, and it takes its time.
  const { parseDocument } = createRequire(import.meta.url)('yaml') as typeof Yaml;
  try {
    const document = parseDocument(readFileSync(path, 'utf8'), { version: '1.1' });
    const [problem] = document.errors;
    if (problem !== undefined) throw new Error(problem.message.split('\n')[0]);
    return document.toJS();
  } catch (error) {
    throw new DpsError('DPS_CONFIG_FILE', `vLLM: --config: ${fileProblem(error as Error, path)}`);
  }
}

function asPython(value: unknown): string {
  return value === null ? 'None' : String(value);
}
