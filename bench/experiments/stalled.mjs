import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFifo } from '../fifo.mjs';
import { startGroup } from '../group.mjs';
import { now } from '../monotonic.mjs';
import { residentMiB } from '../process-files.mjs';
import { RANKS, writerCommand } from '../ranks.mjs';

const SAMPLE_MS = 50;

/** Ranks that log at full speed into a pipe that nobody reads. */
export const stalled = {
  runs: { full: 3, quick: 1 },
  figures: [
    {
      name: 'rss-stalled',
      what: 'memory while nobody reads the logs of 8 ranks, most in a run',
      unit: 'MiB',
      target: { atMost: 120 },
    },
  ],
  async run({ program, directory, record, quick }) {
    const pipe = makeFifo(join(directory, 'stalled'));
    const group = await startGroup({ program, ranks: RANKS, command: writerCommand(), stdout: pipe.writing });
    closeSync(pipe.writing);
    try {
      const until = now() + (quick ? 3_000 : 6_000);
      let most = 0;
      while (now() < until) {
        most = Math.max(most, group.read(residentMiB));
        await delay(SAMPLE_MS);
      }
      record('rss-stalled', most);
    } finally {
      group.signal('SIGTERM');
      closeSync(pipe.reading);
      await group.gone();
    }
  },
};
