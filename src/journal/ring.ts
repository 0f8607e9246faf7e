import type { JournalEntry, JournalGap } from '../../streams/journal.ts';

/**
 * What is kept in memory of any group, journal or not: an hour of eight ranks at the default intervals. The one
 * place of these numbers; bytes are those of the lines as they would be written.
 */
export const RING_LIMITS = { entries: 10_000, bytes: 1_048_576 } as const;

/** The newest entries, as lines without their ends. */
export interface Ring {
  push(entry: JournalEntry): void;
  /** Word of what has been dropped, if anything has, and then the rest. */
  lines(): readonly string[];
}

export function ring(limits: { readonly entries: number; readonly bytes: number } = RING_LIMITS): Ring {
  let texts: string[] = [];
  let oldest = 0;
  let bytes = 0;
  let newestSeq = 0;

  return { push, lines };

  function push(entry: JournalEntry): void {
    const text = JSON.stringify(entry);
    texts.push(text);
    bytes += Buffer.byteLength(text);
    newestSeq = entry.seq;
    while (texts.length - oldest > limits.entries || bytes > limits.bytes) drop();
    if (oldest > limits.entries) {
      texts = texts.slice(oldest);
      oldest = 0;
    }
  }

  function drop(): void {
    bytes -= Buffer.byteLength(texts[oldest] ?? '');
    texts[oldest] = '';
    oldest += 1;
  }

  function lines(): readonly string[] {
    const kept = texts.slice(oldest);
    const dropped = newestSeq - kept.length;
    const gap: JournalGap = { gap: { from: 1, to: dropped } };
    return dropped === 0 ? kept : [JSON.stringify(gap), ...kept];
  }
}
