// Lines of a journal such as a group would make.
import { DEFAULT_POLICY } from '../../streams/policy.ts';
import type { JournalEntry, JournalLine } from '../../streams/journal.ts';

export const HEADER: JournalLine = {
  v: 1,
  header: {
    program: 'dp-supervisor',
    version: '0.1.0',
    startedAt: '2026-01-02T03:04:05.678Z',
    policy: { ranks: [0], ...DEFAULT_POLICY },
    ranks: [{ rank: 0, port: 8_000, argv: ['server', '--port', '8000'] }],
  },
};

/** A day of probes in small: odd is a command, even is its answer, a second between two commands. */
export function entry(seq: number): JournalEntry {
  const t = Math.floor(seq / 2) * 1_000 + seq / 1_000;
  return seq % 2 === 1
    ? { seq, t, command: { type: 'ProbeRank', rank: 0 } }
    : { seq, t, fact: { type: 'ProbeAnswered', rank: 0, status: 200 } };
}
