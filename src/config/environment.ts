import { cut } from '../../streams/quoted.ts';
import { type Option, type OptionTable, type Values, variableOf } from './option.ts';
import { read } from './read.ts';

/** What the environment says, and what of it was passed over. */
export interface Inherited<T extends OptionTable> {
  readonly values: Partial<Values<T>>;
  readonly warnings: readonly string[];
}

/**
 * Reads the `DPS_*` variables. Kubernetes sets `X_PORT=tcp://...` beside every Service named x: such a
 * link is nobody's setting, and is passed over with a warning.
 *
 * @throws DpsError `DPS_USAGE`
 */
export function readEnvironment<T extends OptionTable>(environment: NodeJS.ProcessEnv, table: T): Inherited<T> {
  const values: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const [key, option] of Object.entries<Option>(table)) {
    const variable = variableOf(option);
    const said = environment[variable];
    if (said === undefined || said === '' || option.commandLineOnly) continue;
    if (/^(tcp|udp|sctp):\/\//.test(said)) {
      warnings.push(`${variable}=${cut(said)} is a link that Kubernetes made for a Service; it is ignored`);
    } else {
      values[key] = read(option, said, variable);
    }
  }
  return { values: values as Partial<Values<T>>, warnings };
}

/** What Kubernetes sets beside a Service named dps. */
const SERVICE_LINK = /^DPS_(SERVICE_|PORT_\d+_)/;

/**
 * A warning for each `DPS_*` variable that sets nothing: most likely it is misspelt.
 *
 * @param others the tables of all subcommands: a variable may be meant for one of them
 */
export async function unknownVariables(
  environment: NodeJS.ProcessEnv,
  table: OptionTable,
  others: readonly OptionTable[] = [],
): Promise<string[]> {
  const known = Object.values(table).map(variableOf);
  const elsewhere = others.flatMap((other) => Object.values(other).filter(({ commandLineOnly }) => !commandLineOnly));
  const names = new Set([...known, ...elsewhere.map(variableOf)]);
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('DPS_') && !names.has(name) && !SERVICE_LINK.test(name),
  );
  if (unknown.length === 0) return [];
  const { suggestion } = await import('./suggestion.ts');
  return Promise.all(unknown.map(async (name) => `${cut(name)} sets nothing${await suggestion(name, known)}`));
}
