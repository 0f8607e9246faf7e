// The program over real ranks that keeps a journal when it fails, as a user starts it, with all that it says.
import { fileURLToPath } from 'node:url';
import { type Supervisor, supervisor, type SupervisorOptions } from '../e2e/supervisor.ts';

/** A server that is healthy at once, leaves when asked, and ignores SIGQUIT. */
export const RANK = [process.execPath, fileURLToPath(new URL('rank.mjs', import.meta.url))];

/** A supervisor whose journals are left where they are left by default. */
export function program({ command = RANK, env = {}, ...options }: SupervisorOptions): Promise<Supervisor> {
  return supervisor({ ...options, command, env: { DPS_JOURNAL_ON_FAILURE: '', ...env } });
}
