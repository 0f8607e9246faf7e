import type { Command } from './commands.ts';
import type { Fact } from './facts.ts';
import type { Policy } from './policy.ts';

/** The format's version: a reader refuses a newer one by name. */
export const JOURNAL_VERSION = 1;

/** The first line of a journal: `{"v":1,"header":{...}}`. */
export interface JournalHeader {
  readonly program: string;
  /** Of the program that wrote it. */
  readonly version: string;
  /** Wall clock of `t` = 0, ISO 8601 in UTC: the only wall-clock time in a journal. */
  readonly startedAt: string;
  readonly policy: Policy;
  /** What the ranks are, for people: secrets are masked. */
  readonly ranks: readonly JournalRank[];
}

export interface JournalRank {
  readonly rank: number;
  readonly port: number;
  readonly argv: readonly string[];
}

/** Every other line: a fact, a command, or word of what was left out. `seq` counts from 1 without a gap. */
export type JournalEntry = {
  readonly seq: number;
  /** Milliseconds since the start on the monotonic clock, with microseconds as decimals. */
  readonly t: number;
} & ({ readonly fact: Fact } | { readonly command: Command });

/** Stands in a bounded journal where entries `from` to `to` (by `seq`) were left out. */
export interface JournalGap {
  readonly gap: { readonly from: number; readonly to: number };
}

export type JournalLine = { readonly v: number; readonly header: JournalHeader } | JournalEntry | JournalGap;

export const isFactEntry = (entry: JournalEntry): entry is Extract<JournalEntry, { fact: Fact }> => 'fact' in entry;
