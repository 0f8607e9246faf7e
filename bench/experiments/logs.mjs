import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startGroup } from '../group.mjs';
import { now } from '../monotonic.mjs';
import { writtenBytes } from '../process-files.mjs';
import { RANKS, writerCommand } from '../ranks.mjs';

const LINE_BYTES = 200;
const PREFIX_BYTES = '[rank 0] '.length;
/** Until all ranks are there and what is hot has been compiled. */
const WARM_UP_MS = 1_500;

const VARIANTS = [
  { name: 'logs', format: 'prefix', ranks: RANKS, bytes: LINE_BYTES + PREFIX_BYTES, target: { atLeast: 3 } },
  { name: 'logs-raw', format: 'raw', ranks: RANKS, bytes: LINE_BYTES, target: null },
  { name: 'logs-1', format: 'prefix', ranks: 1, bytes: LINE_BYTES + PREFIX_BYTES, target: null },
  { name: 'logs-1-raw', format: 'raw', ranks: 1, bytes: LINE_BYTES, target: null },
];

/** Ranks that log at full speed, passed on to /dev/null; beside the prefixed lines the same without a prefix. */
export const logs = {
  runs: { full: 5, quick: 1 },
  figures: VARIANTS.map(({ name, format, ranks, target }) => ({
    name,
    what: `200-byte lines, ${ranks === 1 ? '1 rank' : `${ranks} ranks`}, ${format}`,
    unit: 'M lines/s',
    target,
  })),
  async run({ program, record, quick }) {
    for (const { name, format, ranks, bytes } of VARIANTS) {
      const nowhere = openSync('/dev/null', 'w');
      const options = ['--log-format', format];
      const group = await startGroup({ program, ranks, command: writerCommand(), options, stdout: nowhere });
      closeSync(nowhere);
      try {
        await delay(WARM_UP_MS);
        const from = { at: now(), bytes: group.read(writtenBytes) };
        await delay(quick ? 1_000 : 2_000);
        const lines = (group.read(writtenBytes) - from.bytes) / bytes;
        record(name, lines / 1e6 / ((now() - from.at) / 1_000));
      } finally {
        group.signal('SIGTERM');
        await group.gone();
      }
    }
  },
};
