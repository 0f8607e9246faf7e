import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import type * as RotatingFileStream from 'rotating-file-stream';
import { DpsError } from '../errors.ts';

export interface LogFileOptions {
  readonly directory: string;
  /** Bytes after which a file is put aside; null: never. */
  readonly maxBytes: number | null;
  /** How many that were put aside are kept of each rank. */
  readonly maxFiles: number;
}

/**
 * Makes a file of each rank's output, `rank-3.log`; one that is large enough becomes `rank-3.log.1`, and so on. What
 * an earlier run has left is added to.
 *
 * @param tell is told, once, that something cannot be written, and why
 * @returns the sink of a rank
 * @throws DpsError `DPS_LOG_DIR`
 */
export function logFiles(
  { directory, maxBytes, maxFiles }: LogFileOptions,
  ranks: readonly number[],
  tell: (problem: string) => void,
): (rank: number) => Writable {
  const path = resolve(directory);
  const name = (rank: number) => `rank-${rank}.log`;
  checkDirectory(
    path,
    ranks.map((rank) => join(path, name(rank))),
  );
  // Loaded only here, for those who use it, and at once: `supervise` gives its answer before the next turn.
  const require = createRequire(import.meta.url);
  const { createStream } = require('rotating-file-stream') as typeof RotatingFileStream;
  const size = maxBytes === null ? {} : { size: `${maxBytes}B` as const };
  let told = false;
  const sinks = new Map(
    ranks.map((rank) => {
      const sink: Writable = createStream(name(rank), { path, rotate: maxFiles, ...size });
      sink.on('error', (error: Error) => {
        if (!told) tell(`cannot write ${join(path, name(rank))}: ${error.message}; its rank goes on without it`);
        told = true;
      });
      return [rank, sink];
    }),
  );
  return (rank) => sinks.get(rank) ?? never();
}

/** Tries everything that will have to be possible: a directory to rename in, and files to append to. */
function checkDirectory(directory: string, files: readonly string[]): void {
  try {
    makeDirectory(directory);
    accessSync(directory, constants.W_OK | constants.X_OK);
    for (const path of files) {
      if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Error(`${path} is no file`);
      closeSync(openSync(path, 'a'));
    }
  } catch (error) {
    throw new DpsError('DPS_LOG_DIR', `--log-dir: ${(error as Error).message}`);
  }
}

/** One by one: where a file system takes no directories, as /proc, Node's own way to make several never comes to an end. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // somebody else was faster
  }
}

function never(): never {
  throw new Error('unreachable: every rank has its file');
}
