import { LIMITS } from './policy.ts';
import { quoted } from './quoted.ts';

/**
 * RxJS marble syntax, read and written: `-` is one frame, a letter or digit an event, `|` and `#` events
 * of their own, `(ab)` several events in one frame, which takes as many frames as it has characters, a
 * blank nothing at all, and ` 5s ` (or `ms`, `m`, between blanks) a progression of time.
 */
export interface Marble {
  /** Milliseconds since the start of the lane. */
  readonly at: number;
  /** The letter, digit, `|` or `#`. */
  readonly symbol: string;
}

/** A lane, read. */
export interface Lane {
  readonly marbles: readonly Marble[];
  /** Where the text ends, in milliseconds. */
  readonly end: number;
}

/** What is wrong with a text, and where: a column, from 1. */
export class MarbleError extends Error {
  readonly column: number;

  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000 } as const;

/**
 * Reads one lane.
 *
 * @param frameMs how long one character is
 * @throws MarbleError when the text is not a marble lane
 */
export function parseMarbles(text: string, frameMs: number): Lane {
  const marbles: Marble[] = [];
  let at = 0;
  let groupAt: number | null = null;
  let index = 0;

  while (index < text.length) {
    const progression = groupAt === null ? timeProgression(text, index) : null;
    if (progression !== null) {
      at += progression.ms;
      if (at > LIMITS.at) throw new MarbleError(`expected at most ${LIMITS.at} ms in all`, index + 1);
      index += progression.length;
      continue;
    }
    const symbol = text.charAt(index);
    if (symbol === '(') {
      if (groupAt !== null) throw new MarbleError('a group within a group', index + 1);
      groupAt = at;
    } else if (symbol === ')') {
      if (groupAt === null) throw new MarbleError('")" closes no group', index + 1);
      groupAt = null;
    } else if (/[\p{L}0-9|#]/u.test(symbol)) {
      marbles.push({ at: groupAt ?? at, symbol });
    } else if (symbol !== '-' && symbol !== ' ') {
      throw new MarbleError(`${quoted(symbol)} is no marble`, index + 1);
    } else if (symbol === '-' && groupAt !== null) {
      throw new MarbleError('time does not pass within a group', index + 1);
    }
    if (symbol !== ' ') at += frameMs;
    index += 1;
  }
  if (groupAt !== null) throw new MarbleError('a group is not closed', text.length + 1);
  return { marbles, end: at };
}

/**
 * Writes one lane, as long as `endMs` or longer. What does not fall on a frame is reached by a
 * progression of time, and what marbles cannot express (two events nearer to each other than the first
 * one's group is long) is written with its time behind an `@`.
 */
export function printMarbles(marbles: readonly Marble[], frameMs: number, endMs = 0): string {
  let text = '';
  let at = 0;
  for (const [time, symbols] of byTime(marbles)) {
    const gap = time - at;
    if (gap < 0) {
      text += ` ${symbols.join('')}@${time}ms `;
      continue;
    }
    text += passing(gap, gap / frameMs);
    const group = symbols.length === 1 ? symbols.join('') : `(${symbols.join('')})`;
    text += group;
    at = time + group.length * frameMs;
  }
  const left = Math.max(0, Math.ceil((endMs - at) / frameMs));
  return (text + passing(left * frameMs, left)).trim();
}

/** More frames than these are told and not drawn. */
const MOST_DRAWN = 1_000;

function passing(ms: number, frames: number): string {
  return Number.isInteger(frames) && frames <= MOST_DRAWN ? '-'.repeat(frames) : ` ${ms}ms `;
}

function timeProgression(text: string, index: number): { ms: number; length: number } | null {
  const before = text.charAt(index - 1);
  if (before !== '' && before !== ' ') return null;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)(?= |$)/.exec(text.slice(index));
  if (match === null) return null;
  const [{ length }, count, unit] = match;
  return { ms: Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS], length };
}

function byTime(marbles: readonly Marble[]): Map<number, string[]> {
  const times = new Map<number, string[]>();
  for (const { at, symbol } of marbles) times.set(at, [...(times.get(at) ?? []), symbol]);
  return times;
}
