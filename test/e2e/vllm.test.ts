import { expect, test } from 'vitest';
import { PROGRAM } from './supervisor.ts';
import { ask, freePorts } from '../loopback.ts';
import { mark, run } from '../processes.ts';

const FIXTURES = new URL('../fixtures/bin', import.meta.url).pathname;

test('a command line of vLLM runs behind dp-supervisor as it stands', async () => {
  const family = mark();
  const port = await freePorts();
  const PATH = `${FIXTURES}:${process.env['PATH']}`;
  const { line, ended, stderr } = run(
    { ...family, env: { DPS_TERMINATION_LOG: 'none', PATH, ...family.env } },
    ...([process.execPath, PROGRAM, 'vllm', 'serve', 'MODEL', '--host', '127.0.0.1', '-dp', '4', '-dpl', '2'] as const),
    ...['--data-parallel-start-rank', '2', '--data-parallel-multi-port-external-lb', '--port', String(port + 1)],
    ...['--data-parallel-supervisor-port', String(port), '--shutdown-timeout', '3', '--max-model-len', '8k'],
  );
  await line(/all 2 ranks are ready/);
  expect((await ask(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  expect(JSON.parse((await ask(`http://127.0.0.1:${port + 2}/argv`)).body)).toEqual([
    ...['serve', 'MODEL', '--host', '127.0.0.1', '-dp', '4', '--shutdown-timeout', '3', '--max-model-len', '8k'],
    ...['--port', String(port + 2), '--data-parallel-rank', '3', '--data-parallel-size-local', '1'],
    ...['--data-parallel-external-lb', '--api-server-count', '1'],
  ]);
  await line(/engine vllm; devices: mask, CUDA_VISIBLE_DEVICES .*data-parallel-size 4, .*: COMMAND/);
  const { pid } = JSON.parse((await ask(`http://127.0.0.1:${port}/status`)).body) as { pid: number };
  process.kill(pid, 'SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr()).toMatch(/exit status 0: SIGTERM was received\n$/);
  expect(family.living()).toEqual([]);
});
