import { ranksInWords } from '../render/words.ts';
import { ageOf, type ProcessEntry } from './process-table.ts';

/** How often it is said who is waited for while the group stops, in milliseconds. */
export const SAY_MS = 5_000;

/** A line names at most so many processes. */
const MOST_NAMED = 8;

/** One line a rank that has processes left: pid, name and age of each. */
export function blockers(left: ReadonlyMap<number, readonly ProcessEntry[]>): readonly string[] {
  return [...left].flatMap(([rank, processes]) => {
    if (processes.length === 0) return [];
    const named = processes.slice(0, MOST_NAMED).map(inWords).join(', ');
    const more = processes.length > MOST_NAMED ? `, and ${processes.length - MOST_NAMED} more` : '';
    return [`still waiting for ${ranksInWords([rank])}: ${named}${more}`];
  });
}

/** A name is the process's own to choose: what could spoil a line is left out of it. */
function inWords(entry: ProcessEntry): string {
  return `${entry.pid} ${entry.name.replace(/\p{Cc}+/gu, ' ')} (${Math.max(0, Math.round(ageOf(entry)))} s)`;
}
