import type { Adapter } from './adapter.ts';
import { servingCommand } from './serving.ts';
import { behindProgram } from './words.ts';

const PROGRAM = 'tritonserver';

/** NVIDIA's Triton Inference Server. It serves HTTP, gRPC and metrics on a port each. */
export const triton: Adapter = {
  recognises: (command) => behindProgram(command, [PROGRAM]) !== null,
  healthPath: '/v2/health/ready',
  stopSignal: 'SIGTERM',
  read: (command) =>
    servingCommand(command, {
      from: behindProgram(command, [PROGRAM], { anywhere: true }) ?? 1,
      says: {},
      port: ['--http-port'],
      host: ['--http-address'],
      ports: [
        { option: ['--grpc-port'], use: 'gRPC', above: 1_000 },
        { option: ['--metrics-port'], use: 'metrics', above: 2_000 },
      ],
    }),
};
