import { Subject } from 'rxjs';
import type { Command } from './commands.ts';
import type { Fact } from './facts.ts';
import { isFactEntry, type JournalEntry } from './journal.ts';
import type { Policy } from './policy.ts';
import { supervision } from './supervision.ts';
import { Timeline } from './timeline.ts';

/** Where a replay and its recording part. One of the two is null when the other goes on alone. */
export interface Divergence {
  readonly recorded: JournalEntry | null;
  readonly replayed: { readonly t: number; readonly command: Command } | null;
}

/** What a replay came to. */
export interface Replay {
  /** Facts that were fed in. */
  readonly facts: number;
  /** Commands that came out as they were recorded, at the time at which they were recorded. */
  readonly commands: number;
  /** The first place where they did not. */
  readonly divergence: Divergence | null;
}

/**
 * Feeds the recorded facts through the supervision at their recorded times, and holds every command that
 * comes out against the recorded one. It keeps nothing, so that the length of a journal is no matter.
 *
 * A recording may end before the group did (its writer was killed): commands that would have come after the
 * last entry are not asked for.
 *
 * @param entries in the order of `seq`
 */
export function replay(entries: Iterable<JournalEntry>, policy: Policy): Replay {
  const timeline = new Timeline();
  const fact$ = new Subject<Fact>();
  const waiting: { t: number; command: Command }[] = [];
  const counts = { facts: 0, commands: 0 };
  let taken = 0;
  const subscription = supervision(fact$, policy, timeline).command$.subscribe((command) =>
    waiting.push({ t: timeline.now(), command }),
  );

  let divergence: Divergence | null = null;
  for (const entry of entries) {
    divergence = isFactEntry(entry) ? feed(entry) : compare(entry);
    if (divergence !== null) break;
  }
  subscription.unsubscribe();
  return { ...counts, divergence };

  function feed(entry: Extract<JournalEntry, { fact: Fact }>): Divergence | null {
    timeline.advanceTo(entry.t);
    const unrecorded = next();
    if (unrecorded !== null) return { recorded: entry, replayed: unrecorded };
    counts.facts += 1;
    fact$.next(entry.fact);
    return null;
  }

  function compare(entry: Extract<JournalEntry, { command: Command }>): Divergence | null {
    // A command of a timer comes at the time that the timer was due, which is the time that was recorded.
    if (taken === waiting.length) timeline.advanceThrough(entry.t);
    const replayed = next();
    if (replayed === null) return { recorded: entry, replayed: null };
    if (replayed.t !== entry.t || !sameCommand(replayed.command, entry.command)) return { recorded: entry, replayed };
    take();
    counts.commands += 1;
    return null;
  }

  function next(): { t: number; command: Command } | null {
    return waiting[taken] ?? null;
  }

  function take(): void {
    taken += 1;
    if (taken < waiting.length) return;
    waiting.length = 0;
    taken = 0;
  }
}

/** Commands are plain data; the order of their keys is nobody's business. */
function sameCommand(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => sameCommand((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
