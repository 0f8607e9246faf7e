import type { Adapter } from './adapter.ts';
import { servingCommand } from './serving.ts';
import { behindProgram } from './words.ts';

/** llama.cpp's `llama-server`. It answers 503 on `/health` while it loads, and sees the devices of its mask. */
export const llamaServer: Adapter = {
  recognises: (command) => behindProgram(command, ['llama-server']) !== null,
  healthPath: '/health',
  stopSignal: 'SIGTERM',
  read: (command) =>
    servingCommand(command, {
      from: behindProgram(command, ['llama-server'], { anywhere: true }) ?? 1,
      says: {},
      port: ['--port'],
      host: ['--host'],
      ports: [],
    }),
};
