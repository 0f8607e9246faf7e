import { describe, expect, test } from 'vitest';
import type { Exit } from '../../streams/commands.ts';
import type { Life } from '../../streams/ranks.ts';
import type { Cause } from '../../streams/shutdown.ts';
import type { GroupState } from '../../streams/supervision.ts';
import { causeInWords, exitInOneLine, exitInWords, inSeconds, readinessInWords } from '../../src/render/words.ts';

/** Every kind of cause: a kind that is missing here does not compile. */
const CAUSES: { readonly [K in Cause['kind']]: readonly (readonly [Extract<Cause, { kind: K }>, string])[] } = {
  signal: [[{ kind: 'signal', signal: 'SIGTERM', afterReady: true }, 'SIGTERM was received']],
  'stop-requested': [
    [{ kind: 'stop-requested', reason: 'a new model', afterReady: true }, 'a stop was requested: a new model'],
  ],
  'start-failed': [
    [
      { kind: 'start-failed', rank: 2, error: 'there is no program "vlm"', afterReady: false },
      'rank 2 could not be started: there is no program "vlm"',
    ],
  ],
  exited: [
    [
      { kind: 'exited', rank: 1, exit: { how: 'code', code: 17 }, afterReady: true },
      'rank 1 exited with code 17 after the group was ready',
    ],
    [
      { kind: 'exited', rank: 1, exit: { how: 'code', code: 0 }, afterReady: false },
      'rank 1 exited with code 0 before the group was ready',
    ],
    [
      { kind: 'exited', rank: 0, exit: { how: 'signal', signal: 'SIGSEGV' }, afterReady: true },
      'rank 0 was ended by SIGSEGV after the group was ready',
    ],
  ],
  unhealthy: [
    [
      { kind: 'unhealthy', rank: 1, last: '503', failures: 0, afterReady: true },
      'rank 1 is unhealthy: it answered 503',
    ],
    [
      { kind: 'unhealthy', rank: 1, last: 'refused', failures: 1, afterReady: true },
      'rank 1 is unhealthy: a probe ended in refused',
    ],
    [
      { kind: 'unhealthy', rank: 1, last: 'timeout', failures: 3, afterReady: true },
      'rank 1 is unhealthy: 3 probes in a row failed, the last with timeout',
    ],
  ],
  'startup-timeout': [
    [
      { kind: 'startup-timeout', ms: 1_500, waitingFor: [0, 1, 2], afterReady: false },
      'the group was not ready within 1.5 s: waited for ranks 0-2',
    ],
  ],
  'listener-failed': [
    [{ kind: 'listener-failed', error: 'the HTTP port was lost', afterReady: false }, 'the HTTP port was lost'],
  ],
  fault: [
    [
      { kind: 'fault', error: 'TypeError: no', afterReady: true },
      'dp-supervisor has a fault of its own: TypeError: no',
    ],
  ],
};

test.each<readonly [Cause, string]>(Object.values(CAUSES).flat())('the cause %j is told in one line', (cause, told) => {
  expect(causeInWords(cause)).toBe(told);
});

describe('the end', () => {
  const exit: Exit = {
    type: 'Exit',
    status: 0,
    cause: { kind: 'signal', signal: 'SIGINT', afterReady: true },
    killed: [],
    left: [],
  };

  test('is told as the status and the cause', () => {
    expect(exitInOneLine(exit)).toBe('exit status 0: SIGINT was received');
  });

  test('tells also who had to be killed, and who could not be', () => {
    expect(exitInOneLine({ ...exit, status: 6, killed: [1, 2, 3] })).toBe(
      'exit status 6: SIGINT was received; ranks 1-3 did not leave in time and had to be killed',
    );
    expect(exitInOneLine({ ...exit, status: 6, killed: [1], left: [1] })).toBe(
      'exit status 6: SIGINT was received; rank 1 did not leave in time and had to be killed; rank 1 could not even be killed',
    );
  });

  test('tells also that a second signal was the reason', () => {
    expect(exitInOneLine({ ...exit, status: 6, killed: [0, 1], secondSignal: 'SIGTERM' })).toBe(
      'exit status 6: SIGINT was received; SIGTERM was a second signal and had ranks 0, 1 killed at once',
    );
  });
});

test.each([
  [{ how: 'code', code: 0 } as const, 'exited with code 0'],
  [{ how: 'signal', signal: 'SIGKILL' } as const, 'was ended by SIGKILL'],
  [{ how: 'never-started', error: 'no such file' } as const, 'could not be started: no such file'],
])('a leader that left as %j is told in words', (exit, told) => {
  expect(exitInWords(exit)).toBe(told);
});

describe('readiness', () => {
  const running: Life = { is: 'running', pid: 1 };
  const rank = (number: number, verdict: 'unknown' | 'healthy' | 'unhealthy', life: Life = running) => ({
    rank: number,
    life,
    health: { verdict, failures: 0, last: null },
  });
  const state: GroupState = {
    phase: 'starting',
    ready: false,
    cause: null,
    ranks: [rank(4, 'healthy'), rank(5, 'unknown'), rank(6, 'unhealthy')],
  };

  test('that is there is told with the number of ranks', () => {
    expect(readinessInWords({ ...state, phase: 'ready', ready: true })).toBe('all 3 ranks are ready');
  });

  test('that is not there yet tells who is waited for: whoever is not both running and healthy', () => {
    expect(readinessInWords(state)).toBe('1 of 3 ranks are ready; waiting for ranks 5, 6');
    const ranks = [rank(4, 'healthy', { is: 'exited', pid: 1, exit: { how: 'code', code: 0 } })];
    expect(readinessInWords({ ...state, ranks })).toBe('0 of 1 ranks are ready; waiting for rank 4');
  });

  test('that is over tells the cause', () => {
    const cause: Cause = { kind: 'signal', signal: 'SIGTERM', afterReady: true };
    expect(readinessInWords({ ...state, phase: 'draining', cause })).toBe('SIGTERM was received');
  });
});

test.each([
  [0, '0 s'],
  [1_500, '1.5 s'],
  [12.5, '0.013 s'],
  [3_600_000, '3600 s'],
])('%d ms are told as %s', (ms, told) => {
  expect(inSeconds(ms)).toBe(told);
});
