import { startGroup } from '../group.mjs';
import { RANKS, serverCommand } from '../ranks.mjs';

/** The supervisor of a ready group is sent SIGTERM; its ranks leave at once, and so does it. */
export const gone = {
  runs: { full: 20, quick: 5 },
  figures: [
    {
      name: 'stop-gone',
      what: 'SIGTERM -> supervisor gone, ranks leave at once',
      unit: 'ms',
      target: { atMost: 60 },
    },
  ],
  async run({ program, directory, record }) {
    const options = ['--startup-probe-interval-s', '0.05'];
    const group = await startGroup({ program, ranks: RANKS, command: serverCommand(directory), options });
    try {
      await group.settled();
    } catch (error) {
      group.signal('SIGTERM');
      await group.gone();
      throw error;
    }
    const sentAt = group.signal('SIGTERM');
    record('stop-gone', (await group.gone()) - sentAt);
  },
};
