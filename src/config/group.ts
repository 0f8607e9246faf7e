import type { Adapter, EngineCommand, Environment } from '../adapters/adapter.ts';
import { ADAPTERS, engineOf } from '../adapters/adapters.ts';
import type { EngineName } from '../adapters/names.ts';
import { assignmentsOf } from '../adapters/words.ts';
import { DpsError } from '../errors.ts';
import { nodesFrom } from './nodes.ts';
import type { Option, OptionTable, Values } from './option.ts';
import { GROUP_OPTIONS, type Settings } from './options.ts';
import { shown } from './read.ts';
import { checkCommand, checkTogether, withDefaults } from './settings.ts';

/** What was said about a group, but for COMMAND. */
export interface Sources<T extends OptionTable> {
  /** Typed by hand, or given by a program: as strong as COMMAND, which it may not contradict. */
  readonly typed: Partial<Values<T>>;
  /** The environment, then the file: weaker than COMMAND. */
  readonly behind: readonly Partial<Values<T>>[];
}

/** A COMMAND that has been read, and what there is to know for starting ranks with it. */
export interface Launch {
  readonly engine: EngineName;
  readonly adapter: Adapter;
  readonly engineCommand: EngineCommand;
  /** What was said outside of COMMAND; what is not in it is a default. */
  readonly said: Partial<Settings>;
  readonly environment: Environment;
  /** Variables that COMMAND sets itself, as `env NAME=VALUE` does: stronger than all others. */
  readonly assigned: Environment;
  /** What was taken from where, beside the options of dp-supervisor. */
  readonly notes: readonly string[];
}

/** A table with the options of a group in it, with whatever defaults, among others. */
type GroupTable = OptionTable & Readonly<Record<keyof typeof GROUP_OPTIONS, Option>>;

/**
 * Reads COMMAND as its engine does, and adds up what it, the options, the node and the engine say: the first that says
 * something is believed.
 *
 * @throws DpsError with status 2
 */
export function readGroup<T extends GroupTable>(
  table: T,
  { typed, behind }: Sources<T>,
  command: readonly string[],
  environment: Environment,
): { readonly values: Values<T>; readonly launch: Launch } {
  checkCommand(command);
  const outside = withDefaults(table, typed, ...behind) as unknown as Settings;
  const engine = engineOf(outside.engine, command, environment);
  const adapter = ADAPTERS[engine];
  const engineCommand = adapter.read(command, environment);
  refuseContradictions(typed as Partial<Settings>, engineCommand.says);

  const usual: Partial<Settings> = { healthPath: adapter.healthPath, stopSignal: adapter.stopSignal };
  const said = firstOf(typed, ...behind) as Partial<Settings>;
  const spoken = firstOf(typed, engineCommand.says, ...behind) as Partial<Settings>;
  const nodes = nodesFrom(environment, spoken);
  const sources = [typed, engineCommand.says, ...behind, nodes.says, usual] as readonly Partial<Values<T>>[];
  const values = withDefaults(table, ...sources);
  const fromNodes = Object.entries(nodes.variables).map(([key, variable]) => {
    return `${nameOf(key)} ${nodes.says[key as keyof Settings]}: ${variable}`;
  });
  checkWhatWasTaken(values as unknown as Settings, fromNodes);
  const notes = [...inOneLine('COMMAND', engineCommand.says), ...fromNodes];
  const assigned = assignmentsOf(command);
  return { values, launch: { engine, adapter, engineCommand, said, environment, assigned, notes } };
}

/** The first that says something is believed; what nobody says is missing. */
function firstOf(...sources: readonly object[]): object {
  const told = sources.map((source) => Object.entries(source).filter(([, value]) => value !== undefined));
  return Object.fromEntries(told.reverse().flat());
}

/** Says what was taken from elsewhere with what is wrong: whoever reads it has not said that. */
function checkWhatWasTaken(settings: Settings, taken: readonly string[]): void {
  try {
    checkTogether(settings);
  } catch (error) {
    if (taken.length === 0 || !(error instanceof DpsError)) throw error;
    throw new DpsError(error.code, `${error.message} (${taken.join(', ')})`);
  }
}

/** @throws DpsError `DPS_USAGE`: nobody knows which of the two is meant */
function refuseContradictions(typed: Partial<Settings>, says: Partial<Settings>): void {
  for (const [key, value] of Object.entries(says)) {
    const own = typed[key as keyof Settings];
    if (own === undefined || String(own) === String(value)) continue;
    const name = `--${nameOf(key)}`;
    throw new DpsError('DPS_USAGE', `${name}: got ${shown(own)}, and ${shown(value)} in COMMAND; expected one of them`);
  }
}

function inOneLine(source: string, says: Partial<Settings>): readonly string[] {
  const words = Object.entries(says).map(([key, value]) => `${nameOf(key)} ${String(value)}`);
  return words.length === 0 ? [] : [`${words.join(', ')}: ${source}`];
}

function nameOf(key: string): string {
  return (GROUP_OPTIONS as Readonly<Record<string, Option>>)[key]?.name ?? key;
}
