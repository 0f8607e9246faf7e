import type { Adapter } from './adapter.ts';
import { servingCommand } from './serving.ts';
import { behindProgram, optionIn, withOption } from './words.ts';

const PROGRAM = 'text-generation-launcher';
/** What the launcher takes where nobody says another, the same for every launcher of a host. */
const SHARD_SOCKET: readonly [string, string] = ['--shard-uds-path', '/tmp/text-generation-server'];

/** Text Generation Inference. Its launcher shares a socket and two ports with every other one of the host. */
export const tgi: Adapter = {
  recognises: (command) => behindProgram(command, [PROGRAM]) !== null,
  healthPath: '/health',
  stopSignal: 'SIGTERM',
  read(command) {
    const from = behindProgram(command, [PROGRAM], { anywhere: true }) ?? 1;
    const serving = servingCommand(command, {
      from,
      says: { tensorParallelSize: ['--num-shard'] },
      port: ['--port', '-p'],
      host: ['--hostname'],
      ports: [
        { option: ['--master-port'], use: 'torch.distributed of its shards', above: 1_000 },
        { option: ['--prometheus-port'], use: 'metrics', above: 2_000 },
      ],
    });
    const [option, usual] = SHARD_SOCKET;
    const socket = optionIn(command, from, option) ?? usual;
    return {
      ...serving,
      commandOf(place) {
        const { words, env } = serving.commandOf(place);
        return { words: socket.includes('{') ? words : withOption(words, from, [option], `${socket}-{rank}`), env };
      },
    };
  },
};
