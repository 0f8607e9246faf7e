import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DpsError } from '../errors.ts';

/** The files that a replay is asked to write. */
export interface Outputs {
  readonly svg: string | undefined;
  readonly html: string | undefined;
  readonly save: string | undefined;
}

/**
 * Refuses what would take the place of the recording, which may be the only record of an incident, or of each other,
 * and a scenario by a name that could not be replayed.
 *
 * @throws DpsError `DPS_REPLAY_OUTPUT`
 */
export function checkOutputs(recording: string, { svg, html, save }: Outputs): void {
  if (save !== undefined && !save.endsWith('.marble')) {
    throw new DpsError('DPS_REPLAY_OUTPUT', `--save: expected a name that ends in .marble, got ${save}`);
  }
  const taken = new Map([[identityOf(recording), 'the recording itself']]);
  for (const [name, file] of Object.entries({ svg, html, save })) {
    if (file === undefined) continue;
    const identity = identityOf(file);
    const other = identity === null ? undefined : taken.get(identity);
    if (other !== undefined) {
      throw new DpsError('DPS_REPLAY_OUTPUT', `--${name}: expected a file of its own, got ${file}, which is ${other}`);
    }
    taken.set(identity, `that of --${name} as well`);
  }
}

/** The same for all names of a file, whether it is there or not; null for what is none, as a device. */
function identityOf(path: string): string | null {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined) return there.isFile() ? `${there.dev}:${there.ino}` : null;
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return resolve(path); // its folder is missing, which is told when it is written
  }
}
