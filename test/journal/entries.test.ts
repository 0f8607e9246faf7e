import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../streams/commands.ts';
import type { Fact } from '../../streams/facts.ts';
import type { JournalHeader, JournalLine } from '../../streams/journal.ts';
import { replay } from '../../streams/replay.ts';
import { journalOf } from '../../src/journal/entries.ts';
import { ring } from '../../src/journal/ring.ts';
import { supervise } from '../../src/supervise.ts';
import { entry, HEADER } from './lines.ts';
import { checked } from './schema-check.ts';

const textOf = (lines: readonly JournalLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('the ring', () => {
  it('keeps everything while there is room', () => {
    const memory = ring({ entries: 5, bytes: 10_000 });
    for (let seq = 1; seq <= 5; seq += 1) memory.push(entry(seq));
    expect(memory.lines()).toEqual([1, 2, 3, 4, 5].map((seq) => JSON.stringify(entry(seq))));
  });

  it.each([
    ['so many entries', { entries: 5, bytes: 10_000 }],
    ['so many bytes', { entries: 1_000, bytes: 5 * JSON.stringify(entry(101)).length }],
  ])('keeps the newest of %s, behind word of the others', (_, limits) => {
    const memory = ring(limits);
    for (let seq = 1; seq <= 1_001; seq += 1) {
      memory.push(entry(seq));
      const [, ...kept] = memory.lines();
      if (seq > 5) expect(kept.length).toBeGreaterThan(2);
      expect(kept.length).toBeLessThanOrEqual(limits.entries);
      expect(kept.join('').length).toBeLessThanOrEqual(limits.bytes);
      expect(memory.lines().at(-1)).toBe(JSON.stringify(entry(seq)));
    }
    checked([JSON.stringify(HEADER), ...memory.lines(), ''].join('\n'));
  });

  it('holds nothing that is larger than all of it', () => {
    const memory = ring({ entries: 5, bytes: 1_000 });
    memory.push(entry(1));
    memory.push({ seq: 2, t: 0, fact: { type: 'StopRequested', reason: 'é'.repeat(500) } });
    expect(memory.lines()).toEqual(['{"gap":{"from":1,"to":2}}']);
  });
});

describe('journal$', () => {
  function journal() {
    const fact$ = new Subject<Fact>();
    const command$ = new Subject<Command>();
    const time = { now: 0 };
    const header = ('header' in HEADER ? HEADER.header : null) as JournalHeader;
    const { journal$ } = journalOf(
      { fact$, command$, now: () => time.now },
      () => header,
      (text) => `<${text}>`,
    );
    const lines: JournalLine[] = [];
    return { fact$, command$, time, journal$, lines };
  }

  it('is the header and then every fact and command, numbered from 1, with the time of the course', () => {
    const { fact$, command$, time, journal$, lines } = journal();
    journal$.subscribe((line) => lines.push(line));
    command$.next({ type: 'StartRank', rank: 0 });
    time.now = 0.125;
    fact$.next({ type: 'RankStarted', rank: 0, pid: 1 });
    expect(lines).toEqual([
      HEADER,
      { seq: 1, t: 0, command: { type: 'StartRank', rank: 0 } },
      { seq: 2, t: 0.125, fact: { type: 'RankStarted', rank: 0, pid: 1 } },
    ]);
  });

  it('gives late subscribers what is in memory, and then what comes', () => {
    const { fact$, journal$, lines } = journal();
    fact$.next({ type: 'RankCleared', rank: 0 });
    journal$.subscribe((line) => lines.push(line));
    fact$.next({ type: 'RankCleared', rank: 1 });
    expect(checked(textOf(lines)).entries.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('masks the texts that a fact or a command quotes, alike in both', () => {
    const { fact$, command$, journal$, lines } = journal();
    journal$.subscribe((line) => lines.push(line));
    fact$.next({ type: 'ListenerFailed', error: 'e' });
    fact$.next({ type: 'SupervisorFailed', error: 'e', stack: 'e' });
    const cause = { kind: 'exited', afterReady: false, rank: 0, exit: { how: 'never-started', error: 'e' } } as const;
    command$.next({ type: 'Exit', status: 5, cause, killed: [], left: [] });
    expect(textOf(lines).match(/"error":"<e>"/g)).toHaveLength(3);
    expect(textOf(lines)).toContain('"stack":"<e>"');
    checked(textOf(lines));
  });
});

describe('journal$ of a group in the library', () => {
  it('is complete, valid, and the same when it is replayed; the process is left alone', async () => {
    const signals = process.listenerCount('SIGUSR2');
    const monitors = process.listenerCount('uncaughtExceptionMonitor');
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    const group = supervise({
      command: ['sh', '-c', 'exit 3'],
      dataParallelSize: 4,
      port,
      listen: false,
      startupTimeout: 60,
    });
    const lines: JournalLine[] = [];
    const completed = new Promise<void>((complete) =>
      group.journal$.subscribe({ next: (line) => lines.push(line), complete }),
    );
    expect((await group.exited).status).toBe(3);
    await completed;
    const { header, entries } = checked(textOf(lines));
    expect(replay(entries, header.policy)).toMatchObject({ divergence: null });
    expect(entries[0]).toMatchObject({ seq: 1, t: 0, command: { type: 'StartRank' } });
    expect(Math.abs(Date.parse(header.startedAt) - Date.now())).toBeLessThan(60_000);
    expect(process.listenerCount('SIGUSR2')).toBe(signals);
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(monitors);

    const afterwards: JournalLine[] = [];
    group.journal$.subscribe((line) => afterwards.push(line));
    expect(afterwards).toEqual(lines);
  });
});
