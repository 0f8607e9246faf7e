import { GROUP_OPTIONS, type Settings } from '../../config/options.ts';
import { read, shown } from '../../config/read.ts';
import { DpsError } from '../../errors.ts';
import type { Server } from './server.ts';

/** Options of ours that vLLM has under the same name: what COMMAND says of them is said. */
export const SAID = [
  ...(['host', 'port', 'shutdownTimeout', 'sslKeyfile', 'sslCertfile', 'sslCaCerts'] as const),
  ...(['dataParallelSize', 'dataParallelSizeLocal', 'dataParallelStartRank', 'nnodes', 'nodeRank'] as const),
  ...(['tensorParallelSize', 'pipelineParallelSize', 'deviceIds', 'dataParallelSupervisorPort'] as const),
  ...(['dpSupervisorProbeIntervalS', 'dpSupervisorProbeTimeoutS', 'dpSupervisorProbeFailureThreshold'] as const),
] satisfies readonly (keyof Settings)[];

/**
 * What a command line of vLLM says of the group.
 *
 * @throws DpsError `DPS_USAGE`
 */
export function saidBy(server: Server): Partial<Settings> {
  const said: Record<string, unknown> = {};
  for (const key of SAID) {
    const option = GROUP_OPTIONS[key];
    const text = server.value(option.name);
    if (text === null) continue;
    if (text.includes('{')) {
      // A placeholder says nothing that is not known; but the supervisor reads these files as well.
      if (!key.startsWith('ssl')) continue;
      throw new DpsError('DPS_USAGE', `--${option.name} of vLLM: expected one file for all ranks, got ${shown(text)}`);
    }
    // vLLM takes no part of a second here, and Python reads 1_000 and blanks around a number.
    const isWhole = option.type === 'integer' || key === 'shutdownTimeout';
    const number = text.trim().replaceAll(/(?<=\d)_(?=\d)/g, '');
    if (isWhole && !/^[+-]?\d+$/.test(number)) {
      throw new DpsError('DPS_USAGE', `--${option.name} of vLLM: expected a whole number, got ${shown(text)}`);
    }
    said[key] = read(option, option.type === 'text' ? text : number, `--${option.name} of vLLM`);
  }
  return said;
}
