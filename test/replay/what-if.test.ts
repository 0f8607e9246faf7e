import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { whatIfInWords } from '../../src/render/what-if.ts';
import type { Policy } from '../../streams/policy.ts';
import { parseScenario } from '../../streams/scenario.ts';
import { whatIf } from '../../streams/what-if.ts';
import { type Answer, factsOf, HEALTHY, policyOf, type RankWorld, record } from './world.ts';

const TERM = { type: 'SignalReceived', signal: 'SIGTERM' } as const;

/** Ready with its first answer, and then so many probes that time out after a second, before the next is answered. */
const misses = (count: number): RankWorld => ({
  ...HEALTHY,
  answers: [
    { after: 2, brings: 200 },
    ...Array.from({ length: count }, () => ({ after: 1_000, brings: 'timeout' as Answer })),
    { after: 100, brings: 200 },
  ],
});

function asked(policy: Policy, ranks: readonly RankWorld[], changes: Partial<Policy>, sigtermAt = 30_000) {
  const entries = record({ policy, ranks, outside: [{ at: sigtermAt, value: TERM }], until: 60_000 });
  const comparison = whatIf(factsOf(entries), policy, { ...policy, ...changes }, entries.at(-1)?.t ?? 0);
  return { ...comparison, words: whatIfInWords(comparison) };
}

const patient = policyOf(4, { probeFailureThreshold: 5 });
const healthy = [HEALTHY, HEALTHY, HEALTHY];

describe('what if', () => {
  it('a second signal had not killed: SIGKILL would have come when the grace was over', () => {
    const path = new URL('../../marbles/second-signal-while-stopping.marble', import.meta.url);
    const { facts, policy, end } = parseScenario(readFileSync(path, 'utf8'));
    const comparison = whatIf(facts, policy, { ...policy, secondSignalAfterMs: Infinity }, end);
    expect(whatIfInWords(comparison)).toEqual([
      'recorded: ready after 100 ms; at 300 ms SIGTERM was received; exit status 6 at 1.1 s; ranks 0, 1 had to be killed at once: SIGTERM was a second signal',
      'what if: SIGKILL would have come at 1 min 5.3 s instead of 900 ms',
      'not known: what would have come after 900 ms, because from there on the ranks were treated differently',
    ]);
  });

  it('a more patient policy had been set: the end is not known, and nobody claims to know it', () => {
    const { alternative, partsAt, words } = asked(policyOf(4), [...healthy, misses(9)], { probeFailureThreshold: 5 });
    expect(partsAt).toBe(16_001);
    expect(alternative.cause).toBeNull();
    expect(alternative.exit).toBeNull();
    expect(alternative.end).toBe(16_001);
    expect(words).toEqual([
      'recorded: ready after 3 ms; at 16.001 s rank 3 is unhealthy: 3 probes in a row failed, the last with timeout; exit status 4 at 16.005 s',
      'what if: at 16.001 s the group would have stayed ready: rank 3 had missed 3 of 5 probes in a row, and 2 more would have had to fail',
      'not known: what would have come after 16.001 s, and whether rank 3 would have recovered: nobody probed the ranks after that, and they were told to leave',
    ]);
  });

  it('a more patient policy had been set where the rank came back in time: nothing is different', () => {
    const { partsAt, words } = asked(patient, [...healthy, misses(2)], { probeFailureThreshold: 9 });
    expect(partsAt).toBeNull();
    expect(words.slice(1)).toEqual([
      'in both courses rank 3 recovered after 9.1 s, having missed 2 probes from 6.001 s; the group stayed ready',
      'what if: nothing would have been different',
    ]);
  });

  it('a stricter policy had been set: it ends earlier, and the recording tells that the rank recovered', () => {
    const { alternative, partsAt, words } = asked(patient, [...healthy, misses(4)], { probeFailureThreshold: 3 });
    expect(partsAt).toBe(16_001);
    expect(alternative.cause?.at).toBe(16_001);
    expect(alternative.exit).toBeNull();
    expect(alternative.ranks.flatMap(({ events }) => events.filter(({ kind }) => kind === 'exited'))).toEqual([]);
    expect(words.slice(1)).toEqual([
      'what if: at 16.001 s the group would have ended, 13.999 s before the recorded group: rank 3 is unhealthy: 3 probes in a row failed, the last with timeout',
      'every rank would have been signalled at 16.001 s, and what was left of them killed at 21.001 s',
      'in the recording rank 3 recovered after 19.1 s, at 25.101 s',
      'not known: how the ranks would have taken the signal: in the recording they were not told to leave then',
    ]);
  });

  it('a startup timeout had been longer: who was waited for is said, and what was still answered', () => {
    const policy = policyOf(2, { startupLimit: { kind: 'within', ms: 1_000 } });
    const slow: RankWorld = { ...HEALTHY, answers: [{ after: 1_400, brings: 200 }], leavesAfter: 900 };
    const { words } = asked(policy, [HEALTHY, slow], { startupLimit: { kind: 'within', ms: 60_000 } });
    expect(words.slice(1)).toEqual([
      'what if: at 1 s the group would have gone on waiting to be ready: rank 1 would have been waited for until 1 min',
      'recorded as well: rank 1 still answered 200 at 1.401 s, 401 ms after the recorded end had begun',
      'not known: what would have come after 1 s, and whether rank 1 would have become ready: nobody probed the ranks after that, and they were told to leave',
    ]);
  });

  it('the grace had been longer: what a killed rank would have done is not known', () => {
    const stuck = { ...HEALTHY, leavesAfter: null };
    const { alternative, partsAt, words } = asked(policyOf(2), [HEALTHY, stuck], { exitGraceMs: 30_000 });
    expect(partsAt).toBe(35_000);
    expect(alternative.exit).toBeNull();
    expect(words.slice(1)).toEqual([
      'what if: SIGKILL would have come at 1 min instead of 35 s',
      'not known: what would have come after 35 s, because from there on the ranks were treated differently',
    ]);
  });

  it('the grace had been shorter than a rank took: it would have been killed, and no more is known', () => {
    const slow = { ...HEALTHY, leavesAfter: 3_000 };
    const { partsAt, words } = asked(policyOf(2), [HEALTHY, slow], { exitGraceMs: 2_000 });
    expect(partsAt).toBe(32_000);
    expect(words[1]).toBe('what if: SIGKILL would have come at 32 s instead of 35 s');
  });

  it('the grace had been shorter than nobody needed: all is as it was recorded, and known to the end', () => {
    const { alternative, partsAt, words } = asked(policyOf(2), [HEALTHY, HEALTHY], { exitGraceMs: 2_000 });
    expect(partsAt).toBeNull();
    expect(alternative.exit?.value.status).toBe(0);
    expect(words.slice(1)).toEqual(['what if: nothing would have been different']);
  });

  it('a drain delay had been set: the signal would have come later, and its answers are not known', () => {
    const { partsAt, words } = asked(policyOf(2), [HEALTHY, HEALTHY], { drainDelayMs: 5_000 });
    expect(partsAt).toBe(30_000);
    expect(words[1]).toBe('what if: the ranks would have been signalled at 35 s instead of 30 s');
  });

  it('probes had come at other times: the recorded answers stand for them, and that is said', () => {
    const { words } = asked(policyOf(2), [HEALTHY, HEALTHY], { probeIntervalMs: 1_000, probeTimeoutMs: 300 });
    expect(words.at(-1)).toBe(
      'not known: what probes would have brought under another probe-interval and probe-timeout; the recorded answers, at their recorded times, stand for them',
    );
  });
});
