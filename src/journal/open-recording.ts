import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DpsError } from '../errors.ts';
import { writeAll } from './bounded.ts';
import { MODE } from './open.ts';

/**
 * Opens a recording, which stays open until this process ends: whatever takes its name meanwhile, it can be read from
 * its beginning again. What comes through a pipe can be read only once, and goes into a temporary file first.
 *
 * @throws DpsError `DPS_RECORDING`
 */
export function openRecordingFile(path: string): number {
  try {
    const fd = openSync(path, 'r');
    const stat = fstatSync(fd);
    if (stat.isFile()) return fd;
    if (stat.isFIFO()) return spooled(fd);
    closeSync(fd);
  } catch (error) {
    throw new DpsError('DPS_RECORDING', `cannot read the recording: ${(error as Error).message}`);
  }
  throw new DpsError('DPS_RECORDING', `cannot read the recording: expected a file or a pipe, got ${path}`);
}

const PIECE_BYTES = 65_536;
/** With which a journal begins. What does not may never end. */
const BRACE = 0x7b;

/** The content of a pipe in a file without a name, which is gone when this process is. */
function spooled(pipe: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'dp-supervisor-'));
  try {
    const fd = openSync(join(folder, 'recording'), 'wx+', MODE);
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let length = readSync(pipe, piece);
    const isJournal = piece[0] === BRACE;
    while (length > 0) {
      writeAll(fd, piece.subarray(0, length));
      length = isJournal ? readSync(pipe, piece) : 0;
    }
    closeSync(pipe);
    return fd;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
