import { closeSync, constants, fstatSync, ftruncateSync, openSync, realpathSync, renameSync, statSync } from 'node:fs';
import { DpsError } from '../errors.ts';
import { openFresh, removeLeftover } from './bounded.ts';

/** Readable by its owner alone: masking knows many forms of a secret, not all. */
export const MODE = 0o600;

/** Where a journal goes to, as it was found before anything was started. */
export interface Opened {
  /** Of the file itself, whatever links lead there. */
  readonly path: string;
  readonly fd: number;
}

/**
 * Opens what is to be written to and leaves it as it is. A pipe or a device will do, for what that is worth.
 *
 * @throws DpsError `DPS_JOURNAL_FILE`
 */
export function openForJournal(path: string): Opened {
  const { O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    const isFile = there === undefined || there.isFile();
    // Without O_NONBLOCK a pipe that nobody reads would be waited for, for ever.
    const fd = openSync(path, isFile ? O_RDWR | O_APPEND | O_CREAT : O_WRONLY | O_NONBLOCK, MODE);
    return { path: isFile ? realpathSync(path) : path, fd };
  } catch (error) {
    throw new DpsError('DPS_JOURNAL_FILE', `--journal: ${(error as Error).message}`);
  }
}

/**
 * Makes an empty file of it. A restart must not wipe out the record of what led to it: what an earlier run has
 * left is kept as `PATH.previous` where the directory allows that.
 */
export function startAfresh({ path, fd }: Opened): Opened {
  const { size, mode } = fstatSync(fd);
  if (!fstatSync(fd).isFile()) return { path, fd };
  removeLeftover(path);
  if (size === 0) return { path, fd };
  try {
    renameSync(path, `${path}.previous`);
  } catch {
    ftruncateSync(fd);
    return { path, fd };
  }
  closeSync(fd);
  return { path, fd: openFresh(path, mode) };
}
