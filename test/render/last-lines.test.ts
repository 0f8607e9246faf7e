import { describe, expect, it } from 'vitest';
import { cutLine, failedRank, terminationMessage } from '../../src/render/last-lines.ts';

const afterReady = true;

describe('the rank that failed', () => {
  it('is the one that left or turned unhealthy, or the first that was waited for', () => {
    expect(failedRank({ kind: 'exited', rank: 3, exit: { how: 'code', code: 1 }, afterReady })).toBe(3);
    expect(failedRank({ kind: 'unhealthy', rank: 2, last: '503', failures: 0, afterReady })).toBe(2);
    expect(failedRank({ kind: 'startup-timeout', ms: 1, waitingFor: [1, 4], afterReady: false })).toBe(1);
  });

  it('is none where nobody failed, or none ever wrote a line', () => {
    expect(failedRank({ kind: 'signal', signal: 'SIGTERM', afterReady })).toBeNull();
    expect(failedRank({ kind: 'stop-requested', reason: '', afterReady })).toBeNull();
    expect(failedRank({ kind: 'start-failed', rank: 0, error: '', afterReady })).toBeNull();
    expect(failedRank({ kind: 'listener-failed', error: '', afterReady })).toBeNull();
  });
});

describe('the termination message', () => {
  it('is the verdict alone when there is nothing to add', () => {
    expect(terminationMessage('exit status 0: SIGTERM was received', null, [])).toBe(
      'exit status 0: SIGTERM was received\n',
    );
    expect(terminationMessage('exit status 3: why', 1, [])).toBe('exit status 3: why\n');
  });

  it('has the last lines under it', () => {
    expect(terminationMessage('exit status 4: why', 1, ['one', 'two'])).toBe(
      'exit status 4: why\nthe last lines of rank 1:\none\ntwo\n',
    );
  });

  it.each(['x', 'é', '漢', '😀'])('never takes more than 4 KiB, and keeps the newest: lines of %s', (character) => {
    for (const length of [10, 500, 100_000]) {
      const lines = Array.from({ length: 50 }, (_, index) => `${index}: ${character.repeat(length)}`);
      const message = terminationMessage(`why ${character.repeat(length)}`, 1, lines);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096);
      expect(message).toContain('\n49: ');
      expect(message).not.toContain('\ufffd');
    }
  });
});

describe('a line that is too long', () => {
  it('is cut at 1 KiB and says so', () => {
    expect(cutLine('x'.repeat(1_025))).toBe(`${'x'.repeat(1_024)} [cut]`);
    expect(cutLine('x'.repeat(1_024))).toBe('x'.repeat(1_024));
    expect(cutLine(`x${'😀'.repeat(400)}`)).toBe(`x${'😀'.repeat(255)} [cut]`);
  });
});
