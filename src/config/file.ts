import { readFileSync } from 'node:fs';
import { cut, quoted } from '../../streams/quoted.ts';
import { DpsError, fileProblem } from '../errors.ts';
import type { Option, OptionTable, Values } from './option.ts';
import { read, shown } from './read.ts';
import { suggestion } from './suggestion.ts';

/**
 * Reads a YAML or JSON file whose keys are the options' names (`shutdown-timeout`, or `shutdown_timeout`).
 *
 * @param where how the user named it: `--config`, `DPS_CONFIG`
 * @throws DpsError `DPS_CONFIG_FILE` when it cannot be read, `DPS_USAGE` when an entry is wrong
 */
export async function readConfigFile<T extends OptionTable>(
  path: string,
  where: string,
  table: T,
): Promise<Partial<Values<T>>> {
  const entries = await parse(path, where);
  const values: Record<string, unknown> = {};
  for (const [name, said] of Object.entries(entries)) {
    const spelt = name.replaceAll('_', '-');
    const [key, option] =
      Object.entries(table).find(([, { name }]) => name === spelt) ?? (await refuse(path, name, table));
    if (!belongsInFile(option)) throw new DpsError('DPS_USAGE', `${path}: ${quoted(name)} has no place in a file`);
    if (key in values) throw new DpsError('DPS_USAGE', `${path}: "${spelt}" is given twice, with "-" and with "_"`);
    values[key] = read(option, said, `${name} in ${path}`);
  }
  return values as Partial<Values<T>>;
}

async function refuse(path: string, name: string, table: OptionTable): Promise<never> {
  const known = Object.values(table).filter(belongsInFile);
  const hint = await suggestion(
    name,
    known.map((option) => option.name),
  );
  throw new DpsError('DPS_USAGE', `${path}: unknown option ${quoted(name)}${hint}`);
}

/** A file cannot name another file. */
export function belongsInFile({ name, commandLineOnly }: Option): boolean {
  return !commandLineOnly && name !== 'config';
}

/** So long is a sentence of the reader's own; what is longer quotes. */
const MOST_OF_A_PROBLEM = 200;

/** YAML contains JSON, so one reader serves both. */
async function parse(path: string, where: string): Promise<Record<string, unknown>> {
  const { parseDocument } = await import('yaml');
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new DpsError('DPS_CONFIG_FILE', `${where}: ${fileProblem(error as Error, path)}`);
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new DpsError(
      'DPS_CONFIG_FILE',
      `${path}: ${cut(problem.message.split('\n')[0]?.replace(/:$/, '') ?? 'not YAML', MOST_OF_A_PROBLEM)}`,
    );
  }
  let entries: unknown;
  try {
    entries = document.toJS() ?? {};
  } catch (error) {
    // An alias without an anchor, or so many of them that they would fill the memory.
    throw new DpsError('DPS_CONFIG_FILE', `${path}: ${cut((error as Error).message, MOST_OF_A_PROBLEM)}`);
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new DpsError('DPS_CONFIG_FILE', `${path}: expected a mapping of options, got ${shown(entries)}`);
  }
  return entries as Record<string, unknown>;
}
