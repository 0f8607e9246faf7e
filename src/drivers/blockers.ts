import { ranksInWords } from '../render/words.ts';
import type { Remains } from './children.ts';
import { ageOf, type ProcessEntry } from './process-table.ts';

/** How often it is said who is waited for while the group stops, in milliseconds. */
export const SAY_MS = 5_000;

/** A line names at most so many processes. */
const MOST_NAMED = 8;

/** One line a rank that has processes left: pid, name and age of each, or where they cannot be known, their group. */
export function blockers(left: ReadonlyMap<number, Remains>): readonly string[] {
  return [...left].flatMap(([rank, { group, processes }]) => {
    if (processes?.length === 0) return [];
    const who = processes === null ? `process group ${group}` : named(processes);
    return [`still waiting for ${ranksInWords([rank])}: ${who}`];
  });
}

function named(processes: readonly ProcessEntry[]): string {
  const more = processes.length > MOST_NAMED ? `, and ${processes.length - MOST_NAMED} more` : '';
  return processes.slice(0, MOST_NAMED).map(inWords).join(', ') + more;
}

/** A name is the process's own to choose: what could spoil a line is left out of it. */
function inWords(entry: ProcessEntry): string {
  return `${entry.pid} ${entry.name.replace(/\p{Cc}+/gu, ' ')} (${Math.max(0, Math.round(ageOf(entry)))} s)`;
}
