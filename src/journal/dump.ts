import { closeSync, openSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Observable } from 'rxjs';
import type { JournalLine } from '../../streams/journal.ts';
import { writeAll } from './bounded.ts';
import { MODE } from './open.ts';

/**
 * Leaves what a journal has in memory in a file of its own, which only its owner can read.
 *
 * @param most as many of them are left in the directory at most
 * @returns the absolute path
 * @throws what the file system has against it
 */
export function leaveJournal(journal$: Observable<JournalLine>, directory: string, most: number): string {
  const lines = inMemory(journal$);
  const start = lines.flatMap((line) => ('header' in line ? [line.header.startedAt] : [])).join('');
  const name = `dp-supervisor-${process.pid}-${start.replace(/[-:]|\.\d+/g, '')}`;
  const { path, fd } = unused(resolve(directory), name, most);
  try {
    writeAll(fd, Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return path;
}

/** All that comes at once when one subscribes. */
function inMemory(journal$: Observable<JournalLine>): readonly JournalLine[] {
  const lines: JournalLine[] = [];
  journal$.subscribe((line) => lines.push(line)).unsubscribe();
  return lines;
}

/** Never a file that is there, nor where a link leads: anybody may write to the temporary directory. */
function unused(directory: string, name: string, most: number): { readonly path: string; readonly fd: number } {
  for (let number = 1; ; number += 1) {
    const path = join(directory, `${name}${number === 1 ? '' : `-${number}`}.ndjson`);
    try {
      return { path, fd: openSync(path, 'wx', MODE) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (number === most) throw new Error(`there are ${most} of it already`, { cause: error });
    }
  }
}
