import type { Writable } from 'node:stream';
import type { Settings } from '../config/options.ts';
import { type LiveLine, liveLine } from '../render/live-line.ts';

/** Where the program writes to: its two streams, and a live line when a person is watching. */
export interface Screen {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly live: LiveLine | null;
}

/**
 * The process's own streams. On a terminal they share it with a live line; not so for `json`, which is for
 * programs, and `raw`, which may leave the cursor anywhere.
 */
export function screenFor({ logFormat }: Settings): Screen {
  const { stdout, stderr } = process;
  if (!stderr.isTTY || logFormat !== 'prefix') return { stdout, stderr, live: null };
  const live = liveLine(stderr);
  return { stdout: stdout.isTTY ? live.above(stdout) : stdout, stderr: live.above(stderr), live };
}
