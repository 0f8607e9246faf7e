import { startGroup } from '../group.mjs';
import { LINGERING, RANKS, readNotes, serverCommand } from '../ranks.mjs';

/** The supervisor of a ready group is sent SIGTERM; its ranks are told. */
export const stop = {
  runs: { full: 20, quick: 5 },
  figures: [
    {
      name: 'stop-told',
      what: 'SIGTERM -> last of 8 ranks has it',
      unit: 'ms',
      target: { atMost: 5 },
    },
  ],
  async run({ program, directory, record }) {
    const options = ['--startup-probe-interval-s', '0.05'];
    const group = await startGroup({ program, ranks: RANKS, command: serverCommand(directory, LINGERING), options });
    let sentAt;
    try {
      await group.settled();
    } finally {
      sentAt = group.signal('SIGTERM');
      await group.gone();
    }
    const told = readNotes(directory, 'told');
    if (told.length !== RANKS) throw new Error(`${told.length} of ${RANKS} ranks were told`);
    record('stop-told', Math.max(...told) - sentAt);
  },
};
