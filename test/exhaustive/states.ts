import { supervision } from '../../streams/supervision.ts';
import { broken } from '../streams/invariants.ts';
import { TellingWorld } from './alike.ts';
import type { Violation } from './walk.ts';
import type { Small } from './worlds.ts';
import type { Step } from './world.ts';

/** What a walk over states came to. */
export interface StateWalk {
  /** Every state that was reached, by its likeness. */
  readonly states: ReadonlyMap<string, State>;
  readonly transitions: number;
  /** Steps from the start to the state that is farthest from it. */
  readonly depth: number;
  /** No state was left whose steps were not all taken: every history of any length is among those walked. */
  readonly closed: boolean;
  readonly violation: Violation | null;
}

export interface State {
  /** A shortest way to it: the state before, and the step from there; null at the start. */
  readonly before: { readonly state: State; readonly step: Step } | null;
  readonly depth: number;
  readonly options: readonly Step[];
  /** Where each option leads, in the order of the options. */
  readonly after: State[];
  /** What was said and done on the way there; see `done`. */
  readonly did: string[];
}

/**
 * Walks the states of the world, nearest first, and from each every step that is possible there. Histories
 * that have come to the same are gone on from once: see {@link TellingWorld} for why that leaves nothing out.
 *
 * @param depth most steps from the start
 */
export function walkStates({ policy, vocabulary }: Small, depth = Infinity): StateWalk {
  const start = new TellingWorld(policy, vocabulary, supervision);
  const first: State = { before: null, depth: 0, options: start.possible(), after: [], did: [] };
  const states = new Map([[start.likeness(), first]]);
  let transitions = 0;
  let farthest = 0;

  // A map can grow while it is walked, and is walked in the order in which it grew.
  for (const state of states.values()) {
    if (state.depth >= depth) return { states, transitions, depth: farthest, closed: false, violation: null };
    for (const step of state.options) {
      const world = new TellingWorld(policy, vocabulary, supervision);
      const way = wayTo(state);
      for (const earlier of way) world.take(earlier);
      const before = world.course.log.length;
      world.take(step);
      transitions += 1;

      const likeness = world.likeness();
      const known = states.get(likeness);
      const reached = known ?? {
        before: { state, step },
        depth: state.depth + 1,
        options: world.possible(),
        after: [],
        did: [],
      };
      state.after.push(reached);
      state.did.push(world.done(before));
      if (known === undefined) states.set(likeness, reached);
      farthest = Math.max(farthest, reached.depth);

      const sentence = broken(world.finish(), policy);
      if (sentence !== null) {
        const violation = { sentence, steps: [...way, step] };
        return { states, transitions, depth: farthest, closed: false, violation };
      }
    }
  }
  return { states, transitions, depth: farthest, closed: true, violation: null };
}

/** How many different histories of so many steps, or ended before that, the states stand for. */
export function historiesOf({ states }: StateWalk, steps: number): number {
  let ways = new Map<State, number>();
  let ended = 0;
  const [first] = states.values();
  if (first !== undefined) ways.set(first, 1);
  for (let step = 0; step < steps; step += 1) {
    const next = new Map<State, number>();
    for (const [state, count] of ways) {
      if (state.options.length === 0) ended += count;
      for (const reached of state.after) next.set(reached, (next.get(reached) ?? 0) + count);
    }
    ways = next;
  }
  return [...ways.values()].reduce((sum, count) => sum + count, ended);
}

function wayTo(state: State): readonly Step[] {
  const way: Step[] = [];
  for (let at = state; at.before !== null; at = at.before.state) way.unshift(at.before.step);
  return way;
}
