import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { JournalGap, JournalLine } from '../../streams/journal.ts';
import { lineAt, lineEnd, lineStart, readRange } from './lines-of-file.ts';

/** How the bytes of a bounded journal are shared out. While it is shortened, the old and the new file are both there. */
export interface Shares {
  /** Header and beginning, which stay for ever. */
  readonly beginning: number;
  /** What stays of the newest part when the file is shortened. */
  readonly newest: number;
  /** The file is shortened before it is longer than this. */
  readonly file: number;
}

/** More than any gap line takes. */
const GAP_BYTES = 128;
const CHANGED = new Error('somebody else has changed it');
/** What a journal is rewritten into before that takes its place. */
const beside = (path: string) => `${path}.tmp`;

/** @returns null when so large a header leaves no room worth the name */
export function sharesOf(maxBytes: number, headerBytes: number): Shares | null {
  if (maxBytes === Infinity) return { beginning: Infinity, newest: Infinity, file: Infinity };
  const room = maxBytes - 2 * headerBytes - GAP_BYTES;
  if (room < maxBytes / 4) return null;
  const [beginning, newest] = [headerBytes + Math.floor(room / 8), Math.floor(room / 4)];
  return { beginning, newest, file: maxBytes - beginning - newest - GAP_BYTES };
}

/** A journal's open file, and where the beginning ends that stays; null until it has been shortened. */
export interface OpenJournal {
  readonly fd: number;
  readonly beginningEnd: number | null;
}

/**
 * Rewrites a journal without its middle: the beginning, a gap line, the newest part. The new file takes the
 * place of the old one in one step, so that whoever reads, or kills this process, finds one or the other whole.
 */
export function shorten(path: string, { fd, beginningEnd }: OpenJournal, shares: Shares): OpenJournal {
  const { size, ino, mode } = fstatSync(fd);
  if (statSync(path).ino !== ino) throw new Error('it was moved away, or another file has taken its place');
  removeLeftover(path);
  const fresh = openFresh(beside(path), mode);
  try {
    const end = beginningEnd ?? lineEnd(fd, shares.beginning);
    const start = newestStart(fd, size - shares.newest);
    const gap: JournalGap = { gap: { from: firstSeq(parsedAt(fd, end)), to: firstSeq(parsedAt(fd, start)) - 1 } };
    readRange(fd, 0, end, (piece) => writeAll(fresh, piece));
    writeAll(fresh, Buffer.from(`${JSON.stringify(gap)}\n`));
    readRange(fd, start, size, (piece) => writeAll(fresh, piece));
    renameSync(beside(path), path);
    closeSync(fd);
    return { fd: fresh, beginningEnd: end };
  } catch (error) {
    closeSync(fresh);
    removeLeftover(path);
    throw error;
  }
}

/** What a rewriting that was killed has left. */
export function removeLeftover(path: string): void {
  rmSync(beside(path), { force: true });
}

/** Makes a file to append to and to read from. One that is there already is somebody else's. */
export function openFresh(path: string, mode: number): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_EXCL } = constants;
  const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, mode & 0o777);
  fchmodSync(fd, mode & 0o777);
  return fd;
}

/** All of it, in one call as a rule: a full disk takes a part first, and fails then. */
export function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** Where the newest part begins: with an entry, since a gap before it becomes part of the new one. */
function newestStart(fd: number, offset: number): number {
  const start = lineStart(fd, offset);
  const line = start === null ? null : lineAt(fd, start);
  if (start === null || line === null) throw CHANGED;
  return 'gap' in parsedAt(fd, start) ? newestStart(fd, line.next) : start;
}

function parsedAt(fd: number, offset: number): JournalLine {
  const line = lineAt(fd, offset);
  if (line === null) throw CHANGED;
  return JSON.parse(line.text) as JournalLine;
}

function firstSeq(line: JournalLine): number {
  if ('seq' in line) return line.seq;
  return 'gap' in line ? line.gap.from : 1;
}
