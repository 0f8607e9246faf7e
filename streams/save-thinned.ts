import type { Fact } from './facts.ts';
import type { At } from './play.ts';

export interface Thinned {
  readonly facts: readonly At<Fact>[];
  /** Answers that were left out. */
  readonly dropped: number;
}

/** A run of equal answers as long as this stays whole: it is as short as what would be said instead. */
const SHORT_RUN = 8;

/** How many answers of a longer run stay, at each of its ends. */
const KEPT = 2;

/**
 * Leaves out the middle of long runs of one rank's answers that all say the same, such as the thousands of 200 of
 * a healthy day. Probes without an answer count, and stay.
 */
export function droppedRuns(facts: readonly At<Fact>[]): Thinned {
  const runs = new Map<number, { said: string; indexes: number[] }>();
  const dropped = new Set<number>();
  const end = (rank: number) => {
    const { indexes = [] } = runs.get(rank) ?? {};
    if (indexes.length > SHORT_RUN) for (const index of indexes.slice(KEPT, -KEPT)) dropped.add(index);
    runs.delete(rank);
  };
  facts.forEach(({ value }, index) => {
    if (!('rank' in value)) return;
    const said = answerOf(value);
    if (said === null) return end(value.rank);
    const run = runs.get(value.rank);
    if (run?.said === said) return void run.indexes.push(index);
    end(value.rank);
    runs.set(value.rank, { said, indexes: [index] });
  });
  for (const rank of [...runs.keys()]) end(rank);
  return { facts: facts.filter((_, index) => !dropped.has(index)), dropped: dropped.size };
}

function answerOf(fact: Fact): string | null {
  if (fact.type === 'ProbeAnswered') return String(fact.status);
  return fact.type === 'ProbeFailed' ? `${fact.fault} ${fact.reason}` : null;
}
