import { stripVTControlCharacters } from 'node:util';
import type { StreamName } from './framing.ts';

/** The newest of what each rank has written. */
export interface LastLines {
  saw(rank: number, name: StreamName, chunk: Buffer): void;
  /** What comes from now on is not kept: it is no part of what led here. */
  hold(rank: number): void;
  /** At most 50 lines of either stream in the order in which they ended, as text without control characters. */
  of(rank: number): readonly string[];
}

const MOST_LINES = 50;
/** Of each rank, in bytes and in chunks. */
const KEPT_BYTES = 131_072;
const KEPT_CHUNKS = 2_048;

interface Kept {
  readonly chunks: { readonly name: StreamName; readonly chunk: Buffer }[];
  bytes: number;
  held: boolean;
  /** The streams of which older chunks are gone: what is left may begin within a line, or within a secret. */
  readonly torn: Set<StreamName>;
}

/** Keeps chunks as they are, and looks for lines only when somebody asks: the output may be millions of lines a second. */
export function lastLines(): LastLines {
  const ranks = new Map<number, Kept>();

  return {
    saw(rank, name, chunk) {
      const kept = keptOf(rank);
      if (!kept.held) keep(kept, name, chunk);
    },
    hold(rank) {
      keptOf(rank).held = true;
    },
    of: (rank) => linesOf(keptOf(rank)).slice(-MOST_LINES).map(asText),
  };

  function keptOf(rank: number): Kept {
    const known = ranks.get(rank);
    if (known !== undefined) return known;
    const fresh: Kept = { chunks: [], bytes: 0, held: false, torn: new Set() };
    ranks.set(rank, fresh);
    return fresh;
  }
}

function keep(kept: Kept, name: StreamName, chunk: Buffer): void {
  kept.chunks.push({ name, chunk });
  kept.bytes += chunk.length;
  for (let oldest = kept.chunks[0]; oldest !== undefined; oldest = kept.chunks[0]) {
    if (kept.bytes - oldest.chunk.length < KEPT_BYTES && kept.chunks.length <= KEPT_CHUNKS) return;
    kept.chunks.shift();
    kept.bytes -= oldest.chunk.length;
    kept.torn.add(oldest.name);
  }
}

/** In Latin-1, which maps bytes to characters one to one: a character may have come in two halves. */
function linesOf({ chunks, torn }: Kept): string[] {
  const lines: string[] = [];
  const begun = new Map<StreamName, string>();
  const skipping = new Set(torn);
  for (const { name, chunk } of chunks) {
    const parts = `${begun.get(name) ?? ''}${chunk.toString('latin1')}`.split('\n');
    begun.set(name, parts.pop() ?? '');
    if (parts.length > 0 && skipping.delete(name)) parts.shift();
    lines.push(...parts);
  }
  for (const [name, line] of begun) if (line !== '' && !skipping.has(name)) lines.push(line);
  return lines;
}

/** As a terminal would have left it: a progress bar writes over itself. */
function asText(line: string): string {
  const text = Buffer.from(line, 'latin1').toString('utf8').trimEnd();
  return stripVTControlCharacters(text.slice(text.lastIndexOf('\r') + 1)).replace(/[^\P{Cc}\t]/gu, ' ');
}
