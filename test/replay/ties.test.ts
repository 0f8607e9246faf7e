import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JournalEntry } from '../../streams/journal.ts';
import { replay } from '../../streams/replay.ts';
import { supervision } from '../../streams/supervision.ts';
import { World } from '../exhaustive/world.ts';
import { EVERY_FACT } from '../exhaustive/worlds.ts';
import type { Noted } from '../streams/watched-course.ts';

it('facts of one instant, and the timers that are due at that very instant, are replayed in the order that they had', () => {
  const { policy, vocabulary } = EVERY_FACT;
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1_000 }), { maxLength: 40, size: 'max' }), (choices) => {
      const world = new World(policy, vocabulary, supervision);
      for (const choice of choices) {
        const options = world.possible();
        const step = options[choice % options.length];
        if (step !== undefined) world.take(step);
      }
      const entries = inEntries(world.course.log);
      const facts = entries.filter((entry) => 'fact' in entry).length;
      expect(replay(entries, policy)).toEqual({ facts, commands: entries.length - facts, divergence: null });
    }),
    { numRuns: 3_000 },
  );
});

/** As a journal has it. */
function inEntries(log: readonly Noted[]): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const { at, kind, value } of log) {
    const seq = entries.length + 1;
    if (kind === 'fact') entries.push({ seq, t: at, fact: value });
    else if (kind === 'command') entries.push({ seq, t: at, command: value });
  }
  return entries;
}
