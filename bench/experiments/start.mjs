import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { firstByteAt, makeFifo } from '../fifo.mjs';
import { startGroup } from '../group.mjs';
import { within } from '../monotonic.mjs';
import { RANKS } from '../ranks.mjs';

const LIMIT_MS = 20_000;

/** From the spawn of dp-supervisor to the first thing that a rank does. */
export const start = {
  runs: { full: 20, quick: 5 },
  figures: [
    {
      name: 'first-rank',
      what: 'spawned -> first rank runs',
      unit: 'ms',
      target: { atMostBareNodes: 2 },
    },
  ],
  async run({ program, directory, record }) {
    const path = join(directory, 'first-rank');
    const pipe = makeFifo(path);
    const firstByte = firstByteAt(pipe.reading);
    const group = await startGroup({
      program,
      ranks: RANKS,
      command: ['/bin/sh', '-c', 'echo > "$0"; exec sleep 60', path],
    });
    try {
      record('first-rank', (await within(LIMIT_MS, 'first rank', firstByte)) - group.startedAt);
    } finally {
      closeSync(pipe.writing);
      group.signal('SIGTERM');
      await group.gone();
    }
  },
};
