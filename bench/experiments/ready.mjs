import { startGroup } from '../group.mjs';
import { RANKS, readNotes, serverCommand } from '../ranks.mjs';

/** The default interval of the probes before the group is ready. */
const INTERVAL_S = 0.25;
/** Long after all other ranks. */
const SHORTEST_DELAY_S = 0.4;

/** From the moment at which the last rank can be asked to the first 200 of /health, with default options. */
export const ready = {
  runs: { full: 20, quick: 6 },
  figures: [
    {
      name: 'ready',
      what: 'last rank healthy -> /health 200',
      unit: 'ms',
      target: { atMost: 200 },
    },
  ],
  async run({ program, directory, record, run, runs }) {
    // A probe comes somewhere within the interval: the runs are spread over all of it.
    const loading = SHORTEST_DELAY_S + (INTERVAL_S * run) / runs;
    const group = await startGroup({ program, ranks: RANKS, command: serverCommand(directory, { loading }) });
    try {
      const readyAt = await group.ready();
      record('ready', readyAt - Math.max(...readNotes(directory, 'listening')));
    } finally {
      group.signal('SIGTERM');
      await group.gone();
    }
  },
};
