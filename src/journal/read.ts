import { readSync } from 'node:fs';
import { JOURNAL_VERSION, type JournalEntry, type JournalHeader } from '../../streams/journal.ts';
import { DpsError } from '../errors.ts';
import { openRecordingFile } from './open-recording.ts';
import { type BodyLine, bodyLine, isHeader, parseHeader, parseJson } from './parse-line.ts';

/** A journal that has been opened: its header, and its lines to go through as often as one likes. */
export interface Journal {
  readonly path: string;
  readonly header: JournalHeader;
  /**
   * Reads the file from its beginning and holds no more of it than a piece: the length of a journal is no
   * matter. What is found out on the way stands in `seen` when the last line has been given.
   *
   * @throws DpsError `DPS_RECORDING` at a line that cannot be read
   */
  lines(seen?: Partial<Seen>): Generator<BodyLine>;
}

/** What a whole reading came to. */
export interface Seen {
  entries: number;
  /** The last line was cut off, as it is when the process that wrote it was killed. */
  cutOff: boolean;
  /** `t` of the last entry. */
  last: number;
}

/**
 * Opens a journal and reads its header.
 *
 * @throws DpsError `DPS_RECORDING` when it is none, or of a newer format
 */
export function readJournal(path: string): Journal {
  const file = openRecordingFile(path);
  const first = pieces(path, file).next();
  if (first.done) throw new DpsError('DPS_RECORDING', `${path}: line 1: expected the header of a journal, got nothing`);
  const { v, header } = at(path, 1, () => parseHeader(first.value.lines[0] ?? ''));
  if (v > JOURNAL_VERSION) {
    throw new DpsError(
      'DPS_RECORDING',
      `${path}: line 1: this is a journal of format version ${v}; this dp-supervisor reads up to version ${JOURNAL_VERSION}`,
    );
  }
  if (!isHeader(header)) {
    throw new DpsError(
      'DPS_RECORDING',
      `${path}: line 1: the header is not whole, or its policy cannot be: expected version, startedAt, policy and ranks`,
    );
  }
  // What an earlier version does not say was so when it wrote: no signal was a second one, and all were SIGTERM.
  const policy = Object.assign({ secondSignalAfterMs: Infinity, stopSignal: 'SIGTERM' }, header.policy);
  return { path, header: { ...header, policy }, lines: (seen = {}) => bodyLines(path, file, seen) };
}

/** The entries before anything was left out: what can be replayed exactly. */
export function* beforeGap(lines: Iterable<BodyLine>): Generator<JournalEntry> {
  for (const line of lines) {
    if ('gap' in line) return;
    yield line;
  }
}

function* bodyLines(path: string, file: number, seen: Partial<Seen>): Generator<BodyLine> {
  Object.assign(seen, { entries: 0, cutOff: false, last: 0 } satisfies Seen);
  let next = 1;
  let last = 0;
  let number = 0;
  let entries = 0;
  for (const { lines, whole } of pieces(path, file)) {
    const values = parsedTogether(lines);
    for (const [index, text] of lines.entries()) {
      number += 1;
      if (number === 1) continue;
      let line;
      try {
        line = bodyLine(values === null ? parseJson(text) : values[index]);
      } catch (error) {
        if (whole) throw unreadable(path, number, (error as Error).message);
        seen.cutOff = true;
        continue;
      }
      const seq = 'gap' in line ? line.gap.from : line.seq;
      if (seq !== next) {
        throw unreadable(path, number, `expected entry ${next}, got ${seq}: entries are missing or mixed up`);
      }
      if ('gap' in line) {
        next = line.gap.to + 1;
      } else {
        if (line.t < last) throw unreadable(path, number, `time runs backwards: ${line.t} ms after ${last} ms`);
        next += 1;
        last = line.t;
        entries += 1;
      }
      yield line;
    }
  }
  Object.assign(seen, { entries, last });
}

/** What the lines say: parsed as one they take half the time. Null when one of them is no JSON, or more than one. */
function parsedTogether(lines: readonly string[]): readonly unknown[] | null {
  try {
    const values = JSON.parse(`[${lines.join(',')}]`) as readonly unknown[];
    return values.length === lines.length ? values : null;
  } catch {
    return null;
  }
}

/** How much of the file is held at once, and how long a line may be. */
const PIECE_BYTES = 256 * 1024;
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The lines of a file, some at a time; the last one is not `whole` when no newline ends it. */
function* pieces(
  path: string,
  file: number,
): Generator<{ readonly lines: readonly string[]; readonly whole: boolean }> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let kept: Buffer = Buffer.alloc(0);
  let count = 0;
  let position = 0;
  for (let length = read(path, file, piece, 0); length > 0; length = read(path, file, piece, position)) {
    position += length;
    const end = piece.subarray(0, length).lastIndexOf(NEWLINE);
    if (end !== -1) {
      const lines = Buffer.concat([kept, piece.subarray(0, end)])
        .toString('utf8')
        .split('\n');
      count += lines.length;
      yield { lines, whole: true };
      kept = Buffer.alloc(0);
    }
    kept = Buffer.concat([kept, piece.subarray(end + 1, length)]);
    if (kept.length > LONGEST_LINE_BYTES) {
      throw unreadable(path, count + 1, `it is longer than ${LONGEST_LINE_BYTES} bytes`);
    }
  }
  if (kept.length > 0) yield { lines: [kept.toString('utf8')], whole: false };
}

function read(path: string, file: number, piece: Buffer, position: number): number {
  try {
    return readSync(file, piece, 0, piece.length, position);
  } catch (error) {
    throw new DpsError('DPS_RECORDING', `cannot read ${path}: ${(error as Error).message}`);
  }
}

function at<T>(path: string, line: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw unreadable(path, line, (error as Error).message);
  }
}

function unreadable(path: string, line: number, why: string): DpsError {
  return new DpsError('DPS_RECORDING', `${path}: line ${line}: ${why}`);
}
