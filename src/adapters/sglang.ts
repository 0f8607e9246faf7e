import { refuseIf } from '../errors.ts';
import type { Adapter } from './adapter.ts';
import { servingCommand } from './serving.ts';
import { behindModule, behindProgram, type Looking, optionIn, withOption } from './words.ts';

const MODULE = 'sglang.launch_server';
const DATA_PARALLEL_SIZE = ['--data-parallel-size', '--dp-size', '--dp'] as const;

function argumentsOf(command: readonly string[], looking?: Looking): number | null {
  return behindModule(command, MODULE, looking) ?? behindProgram(command, ['sglang', 'serve'], looking);
}

/**
 * SGLang. Each rank is a server of its own with one data-parallel rank in it; told its devices by an option, it counts
 * them from `--base-gpu-id`. Its `/health` generates a token, and so tells that the scheduler lives.
 */
export const sglang: Adapter = {
  recognises: (command) => argumentsOf(command) !== null,
  healthPath: '/health',
  stopSignal: 'SIGTERM',
  read(command) {
    const from = argumentsOf(command, { anywhere: true }) ?? 1;
    const serving = servingCommand(command, {
      from,
      says: {
        tensorParallelSize: ['--tensor-parallel-size', '--tp-size', '--tp'],
        pipelineParallelSize: ['--pipeline-parallel-size', '--pp-size', '--pp'],
        dataParallelSize: DATA_PARALLEL_SIZE,
      },
      port: ['--port'],
      host: ['--host'],
      ports: [{ option: ['--nccl-port'], use: 'NCCL', above: 1_000 }],
    });
    return {
      ...serving,
      deviceOption: { is: 'possible', why: '--devices ids would say --base-gpu-id' },
      check({ byDeviceOption, settings: { deviceIds } }) {
        if (!byDeviceOption) return;
        const ids = (deviceIds ?? []).map(Number);
        const inOrder = ids.every((id, index) => id === (ids[0] ?? 0) + index);
        refuseIf(
          !inOrder,
          `--device-ids ${deviceIds?.join(',')}: SGLang counts devices up from one, so expected numbers in a row, or --devices mask`,
        );
      },
      commandOf(place) {
        const { words, env } = serving.commandOf(place);
        // Data parallelism is between the ranks: none is left within one.
        const alone =
          optionIn(words, from, ...DATA_PARALLEL_SIZE) === undefined
            ? words
            : withOption(words, from, DATA_PARALLEL_SIZE, '1');
        if (!place.byDeviceOption) return { words: alone, env };
        const { tensorParallelSize, pipelineParallelSize, deviceIds } = place.settings;
        const first = Number(deviceIds?.[0] ?? 0) + place.localRank * tensorParallelSize * pipelineParallelSize;
        return { words: withOption(alone, from, ['--base-gpu-id'], String(first)), env };
      },
    };
  },
};
