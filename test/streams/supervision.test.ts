import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../streams/facts.ts';
import { play } from '../../streams/play.ts';
import { DEFAULT_POLICY, type Policy } from '../../streams/policy.ts';
import { isHealthy } from '../../streams/ranks.ts';
import { supervision } from '../../streams/supervision.ts';
import { Timeline } from '../../streams/timeline.ts';

const policy: Policy = { ...DEFAULT_POLICY, ranks: [0] };
const started: Fact = { type: 'RankStarted', rank: 0, pid: 7 };
const healthy: Fact = { type: 'ProbeAnswered', rank: 0, status: 200 };
const sigterm: Fact = { type: 'SignalReceived', signal: 'SIGTERM' };
const exited: Fact = { type: 'RankExited', rank: 0, code: 0, signal: null };
const cleared: Fact = { type: 'RankCleared', rank: 0 };

const at = (ms: number, value: Fact) => ({ at: ms, value });

describe('the streams of a supervision', () => {
  it('say that the group is not ready before the first rank is signalled, whoever subscribes first', () => {
    for (const readinessFirst of [true, false]) {
      const fact$ = new Subject<Fact>();
      const { command$, readiness$ } = supervision(fact$, policy, new Timeline());
      const log: string[] = [];
      const follow = [
        () => readiness$.subscribe((ready) => log.push(ready ? 'ready' : 'not ready')),
        () => command$.subscribe(({ type }) => log.push(type)),
      ];
      for (const subscribe of readinessFirst ? follow : follow.reverse()) subscribe();
      for (const fact of [started, healthy, sigterm]) fact$.next(fact);
      expect(log.slice(-3)).toEqual(['ready', 'not ready', 'SignalRank']);
    }
  });

  it('complete after the Exit, and nobody listens to facts any more', () => {
    const fact$ = new Subject<Fact>();
    const { command$, readiness$, shutdown$, state$ } = supervision(fact$, policy, new Timeline());
    const completed: string[] = [];
    const done = (name: string) => ({ complete: () => completed.push(name) });
    state$.subscribe(done('state'));
    shutdown$.subscribe(done('shutdown'));
    readiness$.subscribe(done('readiness'));
    command$.subscribe(done('command'));
    for (const fact of [started, healthy, sigterm, exited, cleared]) fact$.next(fact);
    expect(completed.sort()).toEqual(['command', 'readiness', 'shutdown', 'state']);
    expect(fact$.observed).toBe(false);
  });

  it('end with the subscription of the commands, timers and all', () => {
    const fact$ = new Subject<Fact>();
    const scheduler = new Timeline();
    const subscription = supervision(fact$, policy, scheduler).command$.subscribe();
    for (const fact of [started, healthy]) fact$.next(fact);
    expect(scheduler.pending).toBe(1);
    subscription.unsubscribe();
    expect(scheduler.pending).toBe(0);
    expect(fact$.observed).toBe(false);
  });
});

describe('what is known of the group', () => {
  const last = (...facts: ReturnType<typeof at>[]) => play(facts, policy, 100).states.at(-1)?.value;

  it('goes through its phases in order, and is ready in one of them', () => {
    const facts = [at(0, started), at(10, healthy), at(20, sigterm), at(30, exited), at(30, cleared)];
    const { states } = play(facts, { ...policy, drainDelayMs: 5 }, 100);
    const phases = states.map(({ value }) => value.phase);
    expect([...new Set(phases)]).toEqual(['starting', 'ready', 'draining', 'stopping', 'gone']);
    expect(states.every(({ value }) => !value.ready || (value.phase === 'ready' && value.cause === null))).toBe(true);
    expect(states.some(({ value }) => value.ready)).toBe(true);
    expect(states.at(-1)?.value.cause).toEqual({ kind: 'signal', signal: 'SIGTERM', afterReady: true });
  });

  it('does not change by an answer that comes after the shutdown began', () => {
    const before = last(at(0, started), at(10, sigterm));
    expect(last(at(0, started), at(10, sigterm), at(20, healthy))).toEqual(before);
  });

  it('does not call a rank healthy whose leader has left', () => {
    const state = last(at(0, started), at(10, healthy), at(20, exited));
    expect(state?.ranks.map(isHealthy)).toEqual([false]);
    expect(state?.ranks[0]?.life).toEqual({ is: 'exited', pid: 7, exit: { how: 'code', code: 0 } });
  });

  it('remembers how a rank went when all of it is gone', () => {
    const state = last(at(0, started), at(20, { ...exited, code: null, signal: 'SIGKILL' }), at(20, cleared));
    expect(state?.ranks[0]?.life).toEqual({ is: 'gone', exit: { how: 'signal', signal: 'SIGKILL' } });
  });
});
