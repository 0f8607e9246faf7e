import { setTimeout as delay } from 'node:timers/promises';
import { startGroup } from '../group.mjs';
import { now } from '../monotonic.mjs';
import { cpuSeconds, residentMiB } from '../process-files.mjs';
import { RANKS, serverCommand } from '../ranks.mjs';

/** What a healthy hour is made of: by then the start is over, its garbage collected, and the code for a probe compiled. */
const SETTLE_MS = 20_000;
const SAMPLE_MS = 500;

/** A ready group whose ranks are probed once a second. */
export const steady = {
  runs: { full: 3, quick: 1 },
  figures: [
    {
      name: 'rss',
      what: 'memory with 8 ranks, most in a run',
      unit: 'MiB',
      target: { atMost: 90 },
    },
    {
      name: 'cpu',
      what: 'CPU with 8 ranks probed once a second',
      unit: '% of a core',
      target: { atMost: 1 },
    },
  ],
  async run({ program, directory, record, quick }) {
    const options = ['--dp-supervisor-probe-interval-s', '1'];
    const group = await startGroup({ program, ranks: RANKS, command: serverCommand(directory), options });
    try {
      await group.settled(SETTLE_MS);
      const from = { at: now(), cpu: group.read(cpuSeconds) };
      const until = from.at + (quick ? 6_000 : 12_000);
      let most = 0;
      while (now() < until) {
        most = Math.max(most, group.read(residentMiB));
        await delay(SAMPLE_MS);
      }
      record('rss', most);
      record('cpu', (100 * (group.read(cpuSeconds) - from.cpu)) / ((now() - from.at) / 1_000));
    } finally {
      group.signal('SIGTERM');
      await group.gone();
    }
  },
};
