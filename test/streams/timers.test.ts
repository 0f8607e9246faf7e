import { NEVER, shareReplay } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { tell } from '../../streams/phases.ts';
import { probing } from '../../streams/probing.ts';
import { DEFAULT_POLICY, type Policy } from '../../streams/policy.ts';
import type { RankState } from '../../streams/ranks.ts';
import { readiness } from '../../streams/readiness.ts';
import type { Cause } from '../../streams/shutdown.ts';
import { stages } from '../../streams/termination.ts';

// The subscriptions are what proves that a timer, or an interest, was given up.

const policy: Policy = {
  ...DEFAULT_POLICY,
  ranks: [0],
  startupProbeIntervalMs: 2,
  probeIntervalMs: 5,
  drainDelayMs: 2,
  shutdownTimeoutMs: 3,
  exitGraceMs: 2,
  killWaitMs: 4,
  secondSignalAfterMs: 1,
};
const asked: Cause = { kind: 'signal', signal: 'SIGTERM', afterReady: true };
const failed: Cause = { kind: 'listener-failed', error: 'lost', afterReady: true };

const rankStates = (...lives: RankState['life'][]): Record<string, readonly RankState[]> =>
  Object.fromEntries(
    lives.map((life, index) => [
      'abc'.charAt(index),
      [{ rank: 0, life, health: { verdict: 'unknown', failures: 0, last: null } }],
    ]),
  );
const running = { is: 'running', pid: 7 } as const;
const gone = { is: 'gone', exit: null } as const;

function marbles(name: string, run: (helpers: RunHelpers, scheduler: TestScheduler) => void): void {
  it(name, () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run((helpers) => run(helpers, scheduler));
  });
}

const STAGES = { d: 'draining', s: 'stopping', k: 'killing', g: 'gone' } as const;

marbles('the stages run to their end when nobody leaves, and listen no longer', ({ cold, ...expects }, scheduler) => {
  const ranks = cold('  a----------- ', rankStates(running));
  const expected = '    d-s----k---(g|)';
  const listening = '   ^----------! ';
  expects.expectObservable(stages(asked, NEVER, ranks, policy, scheduler)).toBe(expected, STAGES);
  expects.expectSubscriptions(ranks.subscriptions).toBe(listening);
});

marbles(
  'a second signal ends drain delay and grace, but not the wait for the kill',
  ({ cold, ...expects }, scheduler) => {
    const ranks = cold('  a------------', rankStates(running));
    const second = cold(' -T-----------', { T: 'SIGINT' as const }).pipe(shareReplay(1));
    const expected = '    d(sk)(g|)    ';
    expects.expectObservable(stages(asked, second, ranks, policy, scheduler)).toBe(expected, STAGES);
  },
);

marbles('the last rank going ends the stage that is under way, and its timer', ({ cold, ...expects }, scheduler) => {
  const ranks = cold('  a---b---------', rankStates(running, gone));
  const expected = '    d-s-(g|)      ';
  const listening = '   ^---!         ';
  expects.expectObservable(stages(asked, NEVER, ranks, policy, scheduler)).toBe(expected, STAGES);
  expects.expectSubscriptions(ranks.subscriptions).toBe(listening);
});

marbles('a failure does not drain', ({ cold, ...expects }, scheduler) => {
  const ranks = cold('  a------b------', rankStates(running, gone));
  const expected = '    s----k-(g|)   ';
  expects.expectObservable(stages(failed, NEVER, ranks, policy, scheduler)).toBe(expected, STAGES);
});

marbles('readiness follows health until the shutdown, and is false from then on', ({ hot, ...expects }) => {
  const healthy = hot(' n-y-n-y----n--', { n: false, y: true });
  const shutdown = hot('---------x-----');
  const expected = '    n-y-n-y--(n|)  ';
  const listening = '   ^--------!     ';
  expects.expectObservable(readiness(healthy, shutdown)).toBe(expected, { n: false, y: true });
  expects.expectSubscriptions(healthy.subscriptions).toBe(listening);
});

marbles(
  'probing asks, waits for the answer and for its time, and stops with the shutdown',
  ({ hot, ...expects }, scheduler) => {
    const told = {
      s: tell({ type: 'RankStarted', rank: 0, pid: 7 }, 'starting'),
      o: tell({ type: 'ProbeAnswered', rank: 0, status: 200 }, 'starting'),
      w: tell({ type: 'ProbeAnswered', rank: 1, status: 200 }, 'starting'),
    };
    const fact = hot('    -so--w-o---------o---', told);
    const ready = hot('   -------r-------------');
    const shutdown = hot('-------------------x-');
    // at 1; 2 later; 5 after that, the group being ready by then; and at once when an answer took longer
    const expected = '    -p-p----p--------p-|';
    const listening = '   ^------------------!';
    const probe$ = probing(fact, ready, shutdown, policy, scheduler);
    expects.expectObservable(probe$).toBe(expected, { p: { type: 'ProbeRank', rank: 0 } });
    expects.expectSubscriptions(shutdown.subscriptions).toBe(listening);
  },
);
