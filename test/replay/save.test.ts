import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../streams/facts.ts';
import type { At } from '../../streams/play.ts';
import { replay } from '../../streams/replay.ts';
import { saveScenario } from '../../streams/save-scenario.ts';
import { parseScenario } from '../../streams/scenario.ts';
import { storyOf } from '../../streams/story.ts';
import { check } from '../../streams/verdict.ts';
import { factsOf, HEALTHY, policyOf, record, worlds } from './world.ts';

const words = { title: 'It was so.', notes: [] };
const save = (facts: readonly At<Fact>[], policy = policyOf(2), until = 0) =>
  saveScenario(facts, policy, until, words) ?? expect.fail('it could not be saved');

describe('a saved scenario', () => {
  it('holds, whatever can happen, and ends as the recording did', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const entries = record(world);
        expect(replay(entries, world.policy).divergence).toBeNull();
        const until = entries.at(-1)?.t ?? 0;
        const text = save(factsOf(entries), world.policy, until);
        const scenario = parseScenario(text);
        const verdict = check(scenario);
        expect(verdict.holds, `${verdict.report}\n${text}`).toBe(true);

        const was = storyOf(factsOf(entries), world.policy, true, until);
        const is = storyOf(scenario.facts, scenario.policy, true, scenario.end);
        expect(is.exit?.value.status).toBe(was.exit?.value.status);
        expect(is.cause?.value.kind).toBe(was.cause?.value.kind);
        expect(is.readiness.map(({ value }) => value)).toEqual(was.readiness.map(({ value }) => value));
      }),
      { numRuns: 200 },
    );
  }, 120_000);

  it('leaves out the middle of a healthy day, and says so', () => {
    const policy = policyOf(2, { probeIntervalMs: 1_000 });
    const entries = record({
      policy,
      ranks: [HEALTHY, { ...HEALTHY, exits: { at: 2_000_000, code: 1 } }],
      outside: [],
      until: 3_000_000,
    });
    expect(entries.length).toBeGreaterThan(8_000);
    const text = save(factsOf(entries), policy, entries.at(-1)?.t);
    expect(text).toMatch(/^\/\/ 39\d\d probe answers like those before and after them are left out\.$/m);
    expect(text.length).toBeLessThan(1_000);
    expect(check(parseScenario(text)).holds).toBe(true);
  });

  it('keeps the order of what came within one millisecond where it matters', () => {
    const policy = policyOf(1);
    const settled: readonly At<Fact>[] = [
      { at: 1, value: { type: 'RankStarted', rank: 0, pid: 1 } },
      { at: 2, value: { type: 'ProbeAnswered', rank: 0, status: 200 } },
    ];
    const exit: Fact = { type: 'RankExited', rank: 0, code: 1, signal: null };
    const signal: Fact = { type: 'SignalReceived', signal: 'SIGTERM' };
    const saved = (first: Fact, second: Fact) =>
      save(
        [
          ...settled,
          { at: 7.25, value: first },
          { at: 7.25, value: second },
          { at: 9, value: { type: 'RankCleared', rank: 0 } },
        ],
        policy,
      );
    expect(saved(exit, signal)).toMatch(/^cause .*0-*$/m);
    expect(saved(signal, exit)).toMatch(/^cause .*T-*$/m);
  });

  it('shows a rank that never started as one that did only when all was over', () => {
    const entries = record({
      policy: policyOf(2),
      ranks: [HEALTHY, { ...HEALTHY, startsAfter: 900_000 }],
      outside: [{ at: 50, value: { type: 'SignalReceived', signal: 'SIGTERM' } }],
      until: 30_000,
    });
    const text = save(factsOf(entries), policyOf(2), entries.at(-1)?.t);
    expect(check(parseScenario(text)).holds).toBe(true);
    expect(text).not.toMatch(/^SIGTERM.*1/m);
  });

  it('has a symbol for each of 64 ranks', () => {
    const policy = policyOf(64);
    const entries = record({
      policy,
      ranks: policy.ranks.map(() => HEALTHY),
      outside: [{ at: 50, value: { type: 'SignalReceived', signal: 'SIGTERM' } }],
      until: 60_000,
    });
    const verdict = check(parseScenario(save(factsOf(entries), policy, entries.at(-1)?.t)));
    expect(verdict.holds, verdict.report).toBe(true);
  });

  it('is refused where there are more ranks than symbols', () => {
    expect(saveScenario([], policyOf(200), 0, words)).toBeNull();
  });

  it('numbers its ranks from 0, and says which they were', () => {
    const policy = { ...policyOf(2), ranks: [8, 9] };
    const entries = record({ policy, ranks: [HEALTHY, HEALTHY], outside: [], until: 400 });
    expect(save(factsOf(entries), policy, 400)).toContain('// Rank 0 was rank 8 of its group, and so on.\n');
  });

  it('has a title that is one line and no remark', () => {
    const text = saveScenario([], policyOf(1), 0, { title: '// rank 0\nwas\tso', notes: ['two\nlines'] });
    expect(text?.split('\n').slice(0, 2)).toEqual(['rank 0 was so', '// two lines']);
  });
});
