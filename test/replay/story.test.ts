import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play } from '../../streams/play.ts';
import { storyOf } from '../../streams/story.ts';
import { factsOf, record, worlds } from './world.ts';

describe('a story', () => {
  it('tells what a course played in full does, although it leaves repeated answers out', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const entries = record(world);
        const facts = factsOf(entries);
        const until = entries.at(-1)?.t ?? 0;
        const course = play(facts, world.policy, until);
        const story = storyOf(facts, world.policy, true, until);
        expect(story.readiness).toEqual(course.readiness);
        expect(story.cause).toEqual(course.shutdown);
        expect(story.exit?.value).toEqual(course.commands.find(({ value }) => value.type === 'Exit')?.value);
        const sent = course.commands.flatMap(({ at, value }) =>
          value.type === 'SignalRank' || value.type === 'KillRank' ? [`${at} ${value.rank} ${value.type}`] : [],
        );
        const told = story.ranks.flatMap(({ rank, events }) =>
          events.flatMap(({ at, kind }) =>
            kind === 'signalled' ? [`${at} ${rank} SignalRank`] : kind === 'killed' ? [`${at} ${rank} KillRank`] : [],
          ),
        );
        expect(told.sort()).toEqual(sent.sort());
      }),
      { numRuns: 300 },
    );
  });
});
