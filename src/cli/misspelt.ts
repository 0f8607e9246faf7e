import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { quoted } from '../../streams/quoted.ts';
import { suggestion } from '../config/suggestion.ts';
import { DpsError } from '../errors.ts';
import { SUBCOMMANDS } from './topics.ts';

/**
 * Refuses a COMMAND that is nearly a subcommand and no program at all, such as `repaly`, before a port is taken for it.
 *
 * @param path where its program would be looked for; undefined: somewhere that only the system knows
 * @throws DpsError `DPS_USAGE`
 */
export async function refuseMisspelt([program = '']: readonly string[], path: string | undefined): Promise<void> {
  if (path === undefined || program.includes('/')) return;
  if (path.split(delimiter).some((directory) => existsSync(join(directory, program)))) return;
  const hint = await suggestion(program, [...SUBCOMMANDS.keys()]);
  if (hint !== '') throw new DpsError('DPS_USAGE', `there is no program ${quoted(program)}${hint}`);
}
