import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MEANING } from '../../streams/phases.ts';
import { JOURNAL_VERSION } from '../../streams/journal.ts';
import { entry, HEADER } from './lines.ts';
import { isJournalLine } from './schema-check.ts';

const fact = (value: object) => ({ seq: 1, t: 0.25, fact: value });
const command = (value: object) => ({ seq: 1, t: 0, command: value });
const exit = (cause: object, more: object = {}) =>
  command({ type: 'Exit', status: 4, cause: { afterReady: true, ...cause }, killed: [], left: [0], ...more });

const RIGHT = [
  HEADER,
  entry(1),
  entry(2),
  { gap: { from: 3, to: 3 } },
  fact({ type: 'RankStarted', rank: 0, pid: 1 }),
  fact({ type: 'RankStartFailed', rank: 0, error: 'no' }),
  fact({ type: 'RankExited', rank: 0, code: null, signal: 'SIGKILL' }),
  fact({ type: 'RankExited', rank: 0, code: 255, signal: null }),
  fact({ type: 'RankCleared', rank: 0 }),
  fact({ type: 'ProbeFailed', rank: 0, fault: 'prober', reason: 'EMFILE' }),
  fact({ type: 'SignalReceived', signal: 'SIGQUIT' }),
  fact({ type: 'StopRequested', reason: '' }),
  fact({ type: 'ListenerFailed', error: 'gone' }),
  fact({ type: 'SupervisorFailed', error: 'Error: no', stack: '' }),
  command({ type: 'StartRank', rank: 7 }),
  command({ type: 'SignalRank', rank: 0, signal: 'SIGTERM' }),
  command({ type: 'KillRank', rank: 0 }),
  exit({ kind: 'signal', signal: 'SIGTERM' }),
  exit({ kind: 'signal', signal: 'SIGTERM' }, { secondSignal: 'SIGINT' }),
  exit({ kind: 'stop-requested', reason: 'x' }),
  exit({ kind: 'start-failed', rank: 0, error: 'x' }),
  exit({ kind: 'exited', rank: 0, exit: { how: 'code', code: 1 } }),
  exit({ kind: 'exited', rank: 0, exit: { how: 'signal', signal: 'SIGSEGV' } }),
  exit({ kind: 'unhealthy', rank: 0, last: '503', failures: 0 }),
  exit({ kind: 'startup-timeout', ms: 1, waitingFor: [0] }),
  exit({ kind: 'listener-failed', error: 'x' }),
  exit({ kind: 'fault', error: 'x' }),
];

describe('the schema', () => {
  it.each(RIGHT.map((line) => [line]))('takes %j', (line) => {
    expect(isJournalLine(line), JSON.stringify(isJournalLine.errors)).toBe(true);
  });

  it.each(
    [
      {},
      [],
      null,
      'text',
      { ...HEADER, v: JOURNAL_VERSION + 1 },
      { v: 1, header: { ...('header' in HEADER ? HEADER.header : {}), startedAt: 'yesterday' } },
      { v: 1, header: { ...('header' in HEADER ? HEADER.header : {}), ranks: [] } },
      { v: 1, header: {} },
      { ...entry(1), seq: 0 },
      { ...entry(1), seq: 1.5 },
      { ...entry(1), t: -1 },
      { ...entry(1), t: '1' },
      { ...entry(1), ...entry(2) },
      { ...entry(1), more: true },
      { seq: 1, t: 0 },
      { gap: { from: 0, to: 1 } },
      { gap: { from: 1 } },
      fact({ type: 'RankVanished', rank: 0 }),
      fact({ type: 'RankCleared' }),
      fact({ type: 'RankCleared', rank: 0, more: 1 }),
      fact({ type: 'RankCleared', rank: -1 }),
      fact({ type: 'RankExited', rank: 0, code: 256, signal: null }),
      fact({ type: 'SignalReceived', signal: 'SIGKILL' }),
      fact({ type: 'ProbeFailed', rank: 0, fault: 'nobody', reason: 'x' }),
      command({ type: 'RankStarted', rank: 0, pid: 1 }),
      exit({ kind: 'signal' }),
      exit({ kind: 'whim' }),
      exit({ kind: 'signal', signal: 'SIGTERM' }, { secondSignal: 'SIGKILL' }),
      exit({ kind: 'listener-failed', error: 'x' }, { killed: null }),
    ].map((line) => [line]),
  )('refuses %j', (line) => {
    expect(isJournalLine(line)).toBe(false);
  });

  it('names every fact that there is', () => {
    const shown = new Set(
      RIGHT.concat(entry(1), entry(2)).flatMap((line) =>
        'fact' in line ? [(line.fact as { type: string }).type] : [],
      ),
    );
    expect([...shown].sort()).toEqual(Object.keys(Object.values(MEANING)[0] ?? {}).sort());
  });

  it('takes every line that the reference shows', () => {
    const page = readFileSync(new URL('../../docs/reference/journal.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/```ndjson\n([^]*?)```/g)].map(([, lines = '']) => lines.trim().split('\n'));
    expect(blocks.map(({ length }) => length)).toEqual([1, 7, 1]);
    expect(blocks.flat().filter((line) => !isJournalLine(JSON.parse(line)))).toEqual([]);
  });

  it('is what the package exports', () => {
    const { exports, files } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      exports: Record<string, unknown>;
      files: string[];
    };
    expect(exports['./journal.schema.json']).toBe('./schema/journal.schema.json');
    expect(files).toContain('schema');
  });
});
