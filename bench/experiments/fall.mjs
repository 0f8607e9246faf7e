import { startGroup } from '../group.mjs';
import { now } from '../monotonic.mjs';
import { LINGERING, RANKS, readNotes, serverCommand } from '../ranks.mjs';

/** One rank is killed; the others are told. */
export const fall = {
  runs: { full: 20, quick: 5 },
  figures: [
    {
      name: 'rank-killed',
      what: 'one rank killed -> last of 7 has SIGTERM',
      unit: 'ms',
      target: { atMost: 5 },
    },
  ],
  async run({ program, directory, record, run }) {
    const options = ['--startup-probe-interval-s', '0.05'];
    const group = await startGroup({ program, ranks: RANKS, command: serverCommand(directory, LINGERING), options });
    let killedAt;
    try {
      await group.settled();
      const { ranks } = await group.status();
      const { pid } = ranks[run % RANKS];
      killedAt = now();
      process.kill(pid, 'SIGKILL');
    } finally {
      if (killedAt === undefined) group.signal('SIGTERM');
      await group.gone();
    }
    const told = readNotes(directory, 'told');
    if (told.length !== RANKS - 1) throw new Error(`${told.length} of ${RANKS - 1} ranks were told`);
    record('rank-killed', Math.max(...told) - killedAt);
  },
};
