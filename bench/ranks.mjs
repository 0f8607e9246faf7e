import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(`ranks/${name}`, import.meta.url));

/** Number of ranks of every figure that does not say otherwise. */
export const RANKS = 8;

/**
 * COMMAND of a small server that keeps notes.
 *
 * @param loading seconds that the last rank waits before it can be asked
 * @param leaving seconds from SIGTERM to its end
 */
export function serverCommand(directory, { loading = 0, leaving = 0 } = {}) {
  return ['perl', file('server.pl'), '{port}', join(directory, 'rank-{rank}'), String(loading), String(leaving)];
}

/**
 * For figures that end when the last rank has its signal: ranks that left at once would take the CPU from
 * those that have not been woken yet, and that would be measured in place of the supervisor.
 */
export const LINGERING = { leaving: 0.05 };

/** COMMAND of a rank that only logs. */
export function writerCommand() {
  return ['perl', file('writer.pl')];
}

/** When each rank noted something, in milliseconds on the monotonic clock. Ranks that noted nothing are left out. */
export function readNotes(directory, word) {
  return Array.from({ length: RANKS }, (_, rank) => {
    const line = new RegExp(`^${word} (\\S+)$`, 'm').exec(readFileSync(join(directory, `rank-${rank}`), 'latin1'));
    return line === null ? [] : [Number(line[1])];
  }).flat();
}
