import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/adapters/adapter.ts';
import { ADAPTERS } from '../../src/adapters/adapters.ts';
import { ENGINE_NAMES } from '../../src/adapters/names.ts';
import type { Settings } from '../../src/config/options.ts';
import { planOf } from '../config/settings-under-test.ts';

/** The second of two ranks. */
function second(line: string, said: Partial<Settings> = {}, environment: Environment = {}) {
  const plan = planOf({ dataParallelSize: 2, ...said }, line.split(' '), environment);
  const [, rank] = plan.ranks;
  return { ...plan, command: rank?.argv.join(' '), health: rank?.healthUrl, env: rank?.env ?? {} };
}

it('every engine has an adapter, the last of which takes every command', () => {
  expect(Object.keys(ADAPTERS).sort()).toEqual([...ENGINE_NAMES].sort());
  expect(ADAPTERS[ENGINE_NAMES.at(-1) ?? 'vllm'].recognises(['whatever'], {})).toBe(true);
});

describe('sglang', () => {
  const serve = 'python -m sglang.launch_server --model-path M';

  it('gets a port and a port for NCCL of its own, and sees only its devices', () => {
    const rank = second(`${serve} --tp 2`);
    expect(rank).toMatchObject({ engine: 'sglang', health: 'http://127.0.0.1:8001/health' });
    expect(rank.command).toBe(`${serve} --tp 2 --port 8001 --nccl-port 9001`);
    expect(rank.env['CUDA_VISIBLE_DEVICES']).toBe('2,3');
  });

  it('may count its devices up from a first one instead', () => {
    expect(second(`${serve} --tp-size 2`, { devices: 'ids' }).command).toBe(
      `${serve} --tp-size 2 --port 8001 --nccl-port 9001 --base-gpu-id 2`,
    );
    expect(() => second(serve, { devices: 'ids', deviceIds: ['3', '1'] })).toThrow('SGLang counts devices up from one');
  });

  it('takes the number of ranks from COMMAND, and has one of them in each server', () => {
    const plan = planOf({}, `${serve} --dp-size 4 --port 30000 --nccl-port 31000`.split(' '), {});
    expect(plan.ranks.map(({ argv }) => argv.slice(-6).join(' '))).toEqual(
      [0, 1, 2, 3].map((rank) => `--data-parallel-size 1 --port 3000${rank} --nccl-port 3100${rank}`),
    );
  });

  it('is recognised as a subcommand and behind a launcher', () => {
    expect(second('sglang serve --model-path M').engine).toBe('sglang');
    expect(second('uv run python3 -m sglang.launch_server').engine).toBe('sglang');
    expect(second('sglang bench').engine).toBe('generic');
  });
});

describe('llama-server', () => {
  it('gets a port of its own, and the host that was asked for', () => {
    expect(second('/opt/llama-server -m m.gguf').command).toBe('/opt/llama-server -m m.gguf --port 8001');
    expect(second('llama-server -m m.gguf', { host: '::1' }).command).toBe(
      'llama-server -m m.gguf --port 8001 --host ::1',
    );
    expect(second('llama-server --port 9000 --host 127.0.0.2 -m m.gguf')).toMatchObject({
      command: 'llama-server --port 9001 --host 127.0.0.2 -m m.gguf',
      health: 'http://127.0.0.2:9001/health',
    });
  });

  it('may be told everything by placeholders', () => {
    const line = 'llama-server --port {port} --host {host} --slot-save-path /s/{rank}';
    expect(second(line).command).toBe('llama-server --port 8001 --host 0.0.0.0 --slot-save-path /s/1');
    expect(second('llama-server --port=1{port}').command).toBe('llama-server --port=18001');
  });
});

describe('tgi', () => {
  it('gets a socket and ports of its own', () => {
    const rank = second('text-generation-launcher --model-id M --num-shard 2 --port 8080');
    expect(rank.command).toBe(
      'text-generation-launcher --model-id M --num-shard 2 --port 8081 --master-port 9081 --prometheus-port 10081 --shard-uds-path /tmp/text-generation-server-1',
    );
    expect(rank.env['CUDA_VISIBLE_DEVICES']).toBe('2,3');
  });
});

describe('triton', () => {
  it('gets three ports of its own, and is asked on its own path', () => {
    const rank = second('tritonserver --model-repository=/m --grpc-port=8100');
    expect(rank.command).toBe(
      'tritonserver --model-repository=/m --grpc-port 8101 --http-port 8001 --metrics-port 10001',
    );
    expect(rank.health).toBe('http://127.0.0.1:8001/v2/health/ready');
    expect(rank.ports.map(({ port, use }) => `${port} ${use}`)).toEqual([
      ...['8000 server', '8001 server', '8100 gRPC', '8101 gRPC', '9256 supervisor', '10000 metrics', '10001 metrics'],
    ]);
    expect(second('tritonserver', { healthPath: '/mine' }).health).toBe('http://127.0.0.1:8001/mine');
  });

  it('has its ports checked', () => {
    expect(() => second('tritonserver --grpc-port x')).toThrow(
      '--grpc-port of COMMAND: expected a whole number from 1 to 65535, got "x"',
    );
    expect(() => second('tritonserver --http-port 0')).toThrow('--http-port of COMMAND: expected a whole number');
  });
});

it('an engine that has no option for devices cannot be told them by one', () => {
  expect(() => second('llama-server', { devices: 'ids' })).toThrow(
    '--devices ids: it has no option for devices; expected mask or none',
  );
});
