import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, STOP_SIGNALS } from '../../streams/facts.ts';
import { type At, play } from '../../streams/play.ts';
import type { Policy } from '../../streams/policy.ts';
import { ALL_INVARIANTS } from './invariants.ts';
import { type WatchedCourse, watchAll } from './watched-course.ts';

/** Facts in any order, possible or not: the core must keep its promises even when the world is mad. */
const ranks = [0, 1, 2] as const;

const policies: fc.Arbitrary<Policy> = fc.record({
  ranks: fc.constantFrom([0], [0, 1], [0, 1, 2]),
  startupProbeIntervalMs: fc.integer({ min: 1, max: 50 }),
  probeIntervalMs: fc.integer({ min: 1, max: 200 }),
  probeTimeoutMs: fc.integer({ min: 1, max: 100 }),
  probeFailureThreshold: fc.integer({ min: 1, max: 3 }),
  startupLimit: fc.oneof(
    fc.constant({ kind: 'none' } as const),
    fc.record({ kind: fc.constant('within' as const), ms: fc.integer({ min: 1, max: 300 }) }),
  ),
  drainDelayMs: fc.constantFrom(0, 1, 40),
  stopSignal: fc.constantFrom(...STOP_SIGNALS),
  shutdownTimeoutMs: fc.constantFrom(0, 1, 60),
  exitGraceMs: fc.constantFrom(0, 1, 60),
  killWaitMs: fc.constantFrom(0, 50),
  secondSignalAfterMs: fc.constantFrom(0, 1, 20, Infinity),
});

const anyRank = fc.constantFrom(...ranks);
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({ type: fc.constant('RankStarted' as const), rank: anyRank, pid: fc.integer({ min: 2, max: 9 }) }),
  fc.record({ type: fc.constant('RankStartFailed' as const), rank: anyRank, error: fc.constant('no') }),
  fc.record({
    type: fc.constant('RankExited' as const),
    rank: anyRank,
    code: fc.constant(1),
    signal: fc.constant(null),
  }),
  fc.record({ type: fc.constant('RankCleared' as const), rank: anyRank }),
  fc.record({
    type: fc.constant('ProbeAnswered' as const),
    rank: anyRank,
    status: fc.constantFrom(200, 200, 200, 503),
  }),
  fc.record({
    type: fc.constant('ProbeFailed' as const),
    rank: anyRank,
    fault: fc.constantFrom('server' as const, 'prober' as const),
    reason: fc.constant('timeout'),
  }),
  fc.record({ type: fc.constant('SignalReceived' as const), signal: fc.constantFrom(...STOP_SIGNALS) }),
  fc.record({ type: fc.constant('StopRequested' as const), reason: fc.constant('why not') }),
  fc.record({ type: fc.constant('ListenerFailed' as const), error: fc.constant('gone') }),
  fc.constant({ type: 'SupervisorFailed' as const, error: 'Error: no', stack: '' }),
);

/** Mostly starts and healthy answers first, so that many histories come as far as being ready. */
const histories: fc.Arbitrary<readonly At<Fact>[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.record({ at: fc.integer({ min: 0, max: 400 }), value: fact }), { maxLength: 25, size: 'max' }),
  )
  .map(([settled, rest]) => (settled ? [...settledStart, ...rest] : rest))
  .map((list) => [...list].sort((a, b) => a.at - b.at));

const settledStart: readonly At<Fact>[] = ranks.flatMap((rank): At<Fact>[] => [
  { at: 0, value: { type: 'RankStarted', rank, pid: 100 + rank } },
  { at: 1, value: { type: 'ProbeAnswered', rank, status: 200 } },
]);

const END = 600;

/** Holds a promise in very many histories. The seed of a broken one is printed with the shortest such history. */
function always(promise: (policy: Policy, facts: readonly At<Fact>[]) => void): void {
  fc.assert(
    fc.property(policies, histories, (policy, history) => {
      promise(
        policy,
        history.filter(({ value }) => !('rank' in value) || policy.ranks.includes(value.rank)),
      );
    }),
    { numRuns: 1_000 },
  );
}

describe('whatever happens', () => {
  it.each(ALL_INVARIANTS)('%s', (_sentence, holds) => {
    always((policy, facts) => {
      const course = watchAll(facts, policy, END);
      if (!holds(course, policy)) expect.fail(inLines(course));
    });
  });

  it('the same history gives the same course', () => {
    always((policy, facts) => {
      expect(play(facts, policy, END)).toEqual(play(facts, policy, END));
    });
  });
});

function inLines({ log, timersLeft }: WatchedCourse): string {
  return [...log.map((noted) => JSON.stringify(noted)), `timers left: ${timersLeft}`].join('\n');
}
