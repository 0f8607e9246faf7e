import { basename } from 'node:path';
import type { Command } from '../../streams/commands.ts';
import type { Fact } from '../../streams/facts.ts';
import { isFactEntry, type JournalEntry } from '../../streams/journal.ts';
import type { At } from '../../streams/play.ts';
import type { Policy } from '../../streams/policy.ts';
import { replay } from '../../streams/replay.ts';
import { storyOf } from '../../streams/story.ts';
import type { BodyLine } from '../journal/parse-line.ts';
import { beforeGap, readJournal, type Seen } from '../journal/read.ts';
import { divergenceInWords, type Neighbourhood } from '../render/divergence.ts';
import type { Recording, Verdict } from './replay-recording.ts';

/** @throws DpsError `DPS_RECORDING` at a line that cannot be read */
export function openJournal(path: string): Recording {
  const journal = readJournal(path);
  const { header } = journal;
  const { policy } = header;
  const seen: Partial<Seen> = {};
  const read = readFacts(journal.lines(seen));
  const { facts, gaps, begun, kept } = read;
  const until = seen.last ?? 0;
  const count = policy.ranks.length === 1 ? '1 rank' : `${policy.ranks.length} ranks`;
  const [gap] = gaps;
  return {
    path,
    title: `${basename(path)}: ${count}, ${seen.entries ?? 0} entries, started ${header.startedAt} by dp-supervisor ${header.version}`,
    remarks: [
      ...(seen.cutOff
        ? ['the last line is cut off, as when the process that wrote it was killed: it is left out']
        : []),
      ...gaps.map(({ from, to }) => `entries ${from} to ${to} were left out of the journal when it was written`),
      ...(begun ? ['what was before is not known; the ranks are drawn as they must have been then'] : []),
    ],
    policy,
    facts,
    until,
    story: storyOf(facts, policy, false, until),
    drawFrom: begun ? read.from : undefined,
    verdict: () => verdictOf(beforeGap(kept ?? journal.lines()), policy, gap),
  };
}

interface ReadFacts {
  /** All lines, to be gone through again; null when they are too many to keep. */
  readonly kept: readonly BodyLine[] | null;
  readonly facts: readonly At<Fact>[];
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** The very beginning is missing, and has been put in place of it. */
  readonly begun: boolean;
  /** Of the first entry. */
  readonly from: number;
}

/** A longer journal is read a second time instead. */
const MOST_KEPT = 1_200_000;

function readFacts(lines: Iterable<BodyLine>): ReadFacts {
  const share = sharing();
  let kept: BodyLine[] | null = [];
  const facts: At<Fact>[] = [];
  const gaps: { from: number; to: number }[] = [];
  let from = NaN;
  let wasReady = false;
  const ranks = new Set<number>();
  for (const found of lines) {
    const line = share(found);
    if (kept !== null && kept.push(line) > MOST_KEPT) kept = null;
    if ('gap' in line) {
      gaps.push(line.gap);
      continue;
    }
    if (Number.isNaN(from)) from = line.t;
    if (isFactEntry(line)) facts.push({ at: line.t, value: line.fact });
    else if (line.command.type === 'Exit') wasReady = line.command.cause.afterReady;
    else ranks.add(line.command.rank);
  }
  const begun = gaps[0]?.from === 1;
  return { facts: begun ? [...beginning(facts, ranks, wasReady), ...facts] : facts, gaps, begun, from, kept };
}

/** Probes and their good answers are nearly all of a journal: what they say is kept once. */
function sharing(): (line: BodyLine) => BodyLine {
  const probes = new Map<number, Extract<Command, { type: 'ProbeRank' }>>();
  const answers = new Map<number, Extract<Fact, { type: 'ProbeAnswered' }>>();
  return (line) => {
    if ('command' in line && line.command.type === 'ProbeRank') {
      return { seq: line.seq, t: line.t, command: shared(probes, line.command) };
    }
    if ('fact' in line && line.fact.type === 'ProbeAnswered' && line.fact.status === 200) {
      return { seq: line.seq, t: line.t, fact: shared(answers, line.fact) };
    }
    return line;
  };
}

function shared<T extends { readonly rank: number }>(known: Map<number, T>, said: T): T {
  const before = known.get(said.rank);
  if (before === undefined) known.set(said.rank, said);
  return before ?? said;
}

/** The starts and first answers that must have been, where a journal has kept its newest part only. */
function beginning(facts: readonly At<Fact>[], ranks: ReadonlySet<number>, wasReady: boolean): readonly At<Fact>[] {
  const started = new Set(facts.flatMap(({ value }) => (value.type === 'RankStarted' ? [value.rank] : [])));
  const known = new Set([...ranks, ...facts.flatMap(({ value }) => ('rank' in value ? [value.rank] : []))]);
  return [...known]
    .filter((rank) => !started.has(rank))
    .flatMap((rank): At<Fact>[] => [
      { at: 0, value: { type: 'RankStarted', rank, pid: 0 } },
      ...(wasReady ? [{ at: 0, value: { type: 'ProbeAnswered', rank, status: 200 } } as const] : []),
    ]);
}

/** How many entries are shown on each side of a divergence. */
const NEIGHBOURS = 4;

function verdictOf(entries: Generator<JournalEntry>, policy: Policy, gap: { from: number } | undefined): Verdict {
  const before: JournalEntry[] = [];
  const { facts, commands, divergence } = replay(watched(entries, before), policy);
  if (divergence !== null) {
    const after = [...taken(entries, NEIGHBOURS)];
    const neighbourhood: Neighbourhood = { before: before.slice(0, -1), after, divergence };
    return { same: false, lines: divergenceInWords(neighbourhood) };
  }
  const fed = `${facts} facts brought the same ${commands} commands, at the same times`;
  if (gap === undefined) return { same: true, lines: [`the same: ${fed}`] };
  return {
    same: true,
    lines: [
      `the same as far as it can be told: ${fed}, up to entry ${gap.from - 1}`,
      `a replay across what was left out, from entry ${gap.from} on, cannot be exact, and was not tried`,
    ],
  };
}

/** Passes entries on and remembers the newest; does not end what it takes them from. */
function watched(entries: Iterator<JournalEntry>, newest: JournalEntry[]): Iterable<JournalEntry> {
  const next = (): IteratorResult<JournalEntry> => {
    const result = entries.next();
    if (!result.done) newest.push(result.value);
    if (newest.length > NEIGHBOURS + 1) newest.shift();
    return result.done ? { done: true, value: undefined } : result;
  };
  return { [Symbol.iterator]: () => ({ next }) };
}

function* taken(entries: Iterator<JournalEntry>, count: number): Generator<JournalEntry> {
  for (let index = 0; index < count; index += 1) {
    const { done, value } = entries.next();
    if (done) return;
    yield value;
  }
}
