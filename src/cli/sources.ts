import { quoted } from '../../streams/quoted.ts';
import { DpsError } from '../errors.ts';
import type { Typed } from '../config/command-line.ts';
import { readEnvironment, unknownVariables } from '../config/environment.ts';
import type { Sources } from '../config/group.ts';
import { type OptionTable, type Values, variableOf } from '../config/option.ts';
import { RUN_OPTIONS } from '../config/options.ts';
import { withDefaults } from '../config/settings.ts';
import { SUBCOMMANDS, SUPERVISE } from './topics.ts';

const CONFIG_OPTION = RUN_OPTIONS.config;

/** What all sources together say. */
export interface Asked<T extends OptionTable> {
  readonly values: Values<T>;
  /** The same, each source for itself. */
  readonly sources: Sources<T>;
  readonly command: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Adds to what was typed what the environment says, then the file, then the defaults: the first that says
 * something is believed.
 *
 * @throws DpsError with status 2
 */
export async function readSources<T extends OptionTable>(typed: Typed<T>, table: T): Promise<Asked<T>> {
  const tables = [SUPERVISE, ...SUBCOMMANDS.values()].map(({ options }) => options);
  const inherited = readEnvironment(process.env, table);
  const fileTyped = fileOf(typed.values);
  const path = fileTyped ?? fileOf(inherited.values);
  const where = fileTyped === undefined ? variableOf(CONFIG_OPTION) : `--${CONFIG_OPTION.name}`;
  const filed = path === undefined ? {} : await (await import('../config/file.ts')).readConfigFile(path, where, table);
  const sources = { typed: typed.values, behind: [inherited.values, filed] };
  return {
    values: withDefaults(table, sources.typed, ...sources.behind),
    sources,
    command: typed.command,
    warnings: [...inherited.warnings, ...(await unknownVariables(process.env, table, tables))],
  };
}

/** Refuses words that nobody asked for. */
export function refuseCommand(command: readonly string[]): void {
  const [first] = command;
  if (first !== undefined) throw new DpsError('DPS_USAGE', `unexpected argument ${quoted(first)}; see --help`);
}

function fileOf(values: { readonly config?: unknown }): string | undefined {
  return typeof values.config === 'string' ? values.config : undefined;
}
