import { readSync } from 'node:fs';

const CHUNK_BYTES = 65_536;
const NEWLINE = 10;

/** A line of an open file, without its end, and where the next one begins; null when none ends behind `offset`. */
export function lineAt(fd: number, offset: number): { readonly text: string; readonly next: number } | null {
  const end = newlineFrom(fd, offset);
  return end === null ? null : { text: read(fd, offset, end).toString('utf8'), next: end + 1 };
}

/** Where the first line begins that begins at `offset` or behind it; null when there is none. */
export function lineStart(fd: number, offset: number): number | null {
  if (offset === 0) return 0;
  const end = newlineFrom(fd, offset - 1);
  return end === null ? null : end + 1;
}

/** Where the last line ends that ends by `limit`; 0 when there is none. */
export function lineEnd(fd: number, limit: number): number {
  for (let to = limit; to > 0; to -= CHUNK_BYTES) {
    const from = Math.max(0, to - CHUNK_BYTES);
    const found = read(fd, from, to).lastIndexOf(NEWLINE);
    if (found !== -1) return from + found + 1;
  }
  return 0;
}

/** Reads a range of an open file, piece by piece. */
export function readRange(fd: number, from: number, to: number, take: (piece: Buffer) => void): void {
  for (let at = from; at < to; at += CHUNK_BYTES) take(read(fd, at, Math.min(at + CHUNK_BYTES, to)));
}

function newlineFrom(fd: number, offset: number): number | null {
  for (let at = offset; ; at += CHUNK_BYTES) {
    const chunk = read(fd, at, at + CHUNK_BYTES);
    const found = chunk.indexOf(NEWLINE);
    if (found !== -1) return at + found;
    if (chunk.length < CHUNK_BYTES) return null;
  }
}

function read(fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe(to - from);
  let length = 0;
  while (length < bytes.length) {
    const got = readSync(fd, bytes, length, bytes.length - length, from + length);
    if (got === 0) break;
    length += got;
  }
  return bytes.subarray(0, length);
}
