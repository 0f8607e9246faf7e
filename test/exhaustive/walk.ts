import { supervision } from '../../streams/supervision.ts';
import { broken, type Sentence } from '../streams/invariants.ts';
import type { Supervise } from '../streams/watched-course.ts';
import { type Step, World } from './world.ts';
import type { Small } from './worlds.ts';

/** What a walk came to. */
export interface Walk {
  /** Distinct histories that were walked to their end: an `Exit`, or the depth. */
  readonly histories: number;
  /** Distinct beginnings of histories, the whole ones among them. */
  readonly prefixes: number;
  /** Histories that reached an `Exit` within the depth. */
  readonly over: number;
  /** The first history that breaks a promise. */
  readonly violation: Violation | null;
}

export interface Violation {
  readonly sentence: Sentence;
  readonly steps: readonly Step[];
}

/**
 * Walks every history of the world, depth first. A supervision cannot be copied, so each history is played
 * from its start: what can happen next depends on what the supervision asks and waits for.
 *
 * @param depth most steps of a history
 */
export function walk({ policy, vocabulary }: Small, depth: number, supervise: Supervise = supervision): Walk {
  const path: { readonly options: readonly Step[]; taken: number }[] = [];
  const count = { histories: 0, prefixes: 1, over: 0 };
  do {
    const world = new World(policy, vocabulary, supervise);
    for (const { options, taken } of path) takeStep(world, options[taken]);
    while (path.length < depth) {
      const options = world.possible();
      if (options.length === 0) break;
      path.push({ options, taken: 0 });
      count.prefixes += options.length;
      takeStep(world, options[0]);
    }
    count.histories += 1;
    if (world.over) count.over += 1;
    const sentence = broken(world.finish(), policy);
    if (sentence !== null) {
      return { ...count, violation: { sentence, steps: path.flatMap(({ options, taken }) => options[taken] ?? []) } };
    }
  } while (next());
  return { ...count, violation: null };

  /** The next history in order: the last choice that can still be made otherwise is. */
  function next(): boolean {
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      last.taken += 1;
      if (last.taken < last.options.length) return true;
      path.pop();
    }
    return false;
  }
}

/** The first of the shortest histories that break a promise; null when none of that depth does. */
export function shortestViolation(small: Small, depth: number, supervise: Supervise): Violation | null {
  for (let shorter = 0; shorter <= depth; shorter += 1) {
    const { violation } = walk(small, shorter, supervise);
    if (violation !== null) return violation;
  }
  return null;
}

function takeStep(world: World, step: Step | undefined): void {
  if (step !== undefined) world.take(step);
}
