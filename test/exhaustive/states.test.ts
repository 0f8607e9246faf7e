import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { supervision } from '../../streams/supervision.ts';
import { TellingWorld } from './alike.ts';
import { inWords } from './in-words.ts';
import { historiesOf, type State, type StateWalk, walkStates } from './states.ts';
import { walk } from './walk.ts';
import { NO_WAITING, type Small, TWO_RANKS } from './worlds.ts';

const LONGEST_MS = 180_000;

describe('the states of two ranks', () => {
  it(
    'up to six steps from the start keep every promise, in every step from each of them',
    () => {
      const found = walkStates(TWO_RANKS, 6);
      const { states, transitions, violation } = found;
      const histories = historiesOf(found, 6);
      console.info(
        `${states.size} states, ${transitions} steps between them: ${histories} histories of up to six steps`,
      );
      expect(violation && `${violation.sentence}: ${inWords(violation.steps)}`).toBe(null);
      expect(historiesOf(found, 3)).toBe(walk(TWO_RANKS, 3).histories);
      expect(histories).toBeGreaterThan(1_000_000);
      holdAgainstRandomHistories(TWO_RANKS, found);
    },
    LONGEST_MS,
  );

  it(
    'are all reached when nothing is waited for, and stand for every history of up to five steps',
    () => {
      const found = walkStates(NO_WAITING);
      expect(found.violation && inWords(found.violation.steps)).toBe(null);
      expect(found.closed).toBe(true);
      const { histories, over, violation } = walk(NO_WAITING, 5);
      console.info(`${found.states.size} states; ${histories} histories, ${over} of them to their Exit`);
      expect(violation && inWords(violation.steps)).toBe(null);
      expect(historiesOf(found, 5)).toBe(histories);
      holdAgainstRandomHistories(NO_WAITING, found);
    },
    LONGEST_MS,
  );
});

/**
 * What is merged must be the same: along random histories, far longer than those that were walked, the world
 * comes from state to state as was found, has the same options there, and says and does the same.
 */
function holdAgainstRandomHistories({ policy, vocabulary }: Small, { states }: StateWalk): void {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1_000 }), { minLength: 10, maxLength: 60, size: 'max' }), (choices) => {
      const world = new TellingWorld(policy, vocabulary, supervision);
      let state = states.values().next().value;
      for (const choice of choices) {
        // It is over, or so far from the start that nobody went on from here.
        if (state === undefined || state.after.length === 0) break;
        const index = choice % state.options.length;
        const [option, before] = [state.options[index], world.course.log.length];
        expect(world.possible()).toEqual(state.options);
        if (option !== undefined) world.take(option);
        expect(world.done(before)).toEqual(state.did[index]);
        const reached: State | undefined = state.after[index];
        expect(states.get(world.likeness())).toBe(reached);
        state = reached;
      }
    }),
    { numRuns: 200 },
  );
}
