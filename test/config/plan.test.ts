import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/config/options.ts';
import { policyOf } from '../../src/config/plan.ts';
import { DEFAULT_POLICY } from '../../streams/policy.ts';
import { planOf, settingsOf } from './settings-under-test.ts';

const planned = (said: Partial<Settings>, ...command: string[]) => planOf(said, command);
const argvs = (said: Partial<Settings>, ...command: string[]) =>
  planned(said, ...command).ranks.map(({ argv }) => argv);

test('each rank has its number, port, command, environment and health URL', () => {
  expect(planned({ dataParallelSize: 2, port: 9_000 }, 'serve', '--port={port}')).toEqual({
    supervisor: { host: '0.0.0.0', port: 9_256 },
    engine: 'generic',
    devices: 'mask, CUDA_VISIBLE_DEVICES (it has no option for devices)',
    ranks: [0, 1].map((rank) => ({
      rank,
      localRank: rank,
      port: 9_000 + rank,
      argv: ['serve', `--port=${9_000 + rank}`],
      env: {
        DP_RANK: `${rank}`,
        DP_LOCAL_RANK: `${rank}`,
        DP_SIZE: '2',
        DP_SIZE_LOCAL: '2',
        PORT: `${9_000 + rank}`,
        CUDA_VISIBLE_DEVICES: `${rank}`,
      },
      healthUrl: `http://127.0.0.1:${9_000 + rank}/health`,
    })),
    ports: [
      { port: 9_000, use: 'server', rank: 0 },
      { port: 9_001, use: 'server', rank: 1 },
      { port: 9_256, use: 'supervisor', rank: null },
    ],
    notes: [],
    warnings: [],
  });
});

test('warnings are passed on', () => {
  expect(planOf({}, ['serve'], {}, ['mind the gap']).warnings).toEqual(['mind the gap']);
});

describe('the ranks of a node', () => {
  const numbers = (said: Partial<Settings>) =>
    planned({ dataParallelSize: 8, dataParallelSizeLocal: 2, ...said }, 'serve').ranks.map(
      ({ rank, localRank, port, env }) => [rank, localRank, port, env['DP_RANK'], env['DP_LOCAL_RANK']],
    );

  test('begin at node rank x local size, and their ports at the first port on every node', () => {
    expect(numbers({ nodeRank: 3 })).toEqual([
      [6, 0, 8_000, '6', '0'],
      [7, 1, 8_001, '7', '1'],
    ]);
  });

  test('begin at the start rank when that is given, 0 included', () => {
    expect(numbers({ nodeRank: 3, dataParallelStartRank: 5 }).map(([rank]) => rank)).toEqual([5, 6]);
    expect(numbers({ nodeRank: 3, dataParallelStartRank: 0 }).map(([rank]) => rank)).toEqual([0, 1]);
  });

  test('are all of them when no local size is given', () => {
    expect(planned({ dataParallelSize: 3 }, 'serve').ranks).toHaveLength(3);
  });
});

describe('placeholders', () => {
  const said = {
    dataParallelSize: 8,
    dataParallelSizeLocal: 2,
    nodeRank: 1,
    tensorParallelSize: 2,
    host: '10.0.0.7',
  };
  const all = '{port} {rank} {local_rank} {size} {local_size} {node_rank} {devices} {host}';

  test('are replaced in every word, the program included, as often as they occur', () => {
    expect(argvs(said, 'serve-{rank}', all, '{rank}{rank}')).toEqual([
      ['serve-2', '8000 2 0 8 2 1 0,1 10.0.0.7', '22'],
      ['serve-3', '8001 3 1 8 2 1 2,3 10.0.0.7', '33'],
    ]);
  });

  test('are replaced in the values of --env, and not in their names', () => {
    const [, second] = planned({ ...said, env: { ALL: all, '{rank}': '{rank}' } }, 'serve').ranks;
    expect(second?.env).toEqual({
      DP_RANK: '3',
      DP_LOCAL_RANK: '1',
      DP_SIZE: '8',
      DP_SIZE_LOCAL: '2',
      PORT: '8001',
      CUDA_VISIBLE_DEVICES: '2,3',
      ALL: '8001 3 1 8 2 1 2,3 10.0.0.7',
      '{rank}': '3',
    });
  });

  test('may be overruled in the environment by --env', () => {
    expect(planned({ env: { PORT: '1{port}' } }, 'serve').ranks[0]?.env['PORT']).toBe('18000');
  });

  test('are no other braces: JSON survives, and so does what is replaced by a brace of its own', () => {
    const json = '{"port": {"rank": [{}, {"a": "{unknown}"}]}, "PORT": "{PORT}"}';
    expect(argvs({}, 'serve', json, '{ port }', '{}', '{{port}}', '${port}', '{por', "{port}$&$'")).toEqual([
      ['serve', json, '{ port }', '{}', '{8000}', '$8000', '{por', "8000$&$'"],
    ]);
  });

  test('are replaced once: what came in their place is not looked at again', () => {
    expect(argvs({ deviceIds: ['{rank}'] }, '{devices}')).toEqual([['{rank}']]);
  });
});

test('the policy of the core is that of the settings, in milliseconds', () => {
  const settings = settingsOf({ dataParallelSize: 4, dataParallelSizeLocal: 2, nodeRank: 1, shutdownTimeout: 0.0125 });
  const group = planOf({ dataParallelSize: 4, dataParallelSizeLocal: 2, nodeRank: 1 }, ['serve']);
  expect(policyOf(settings, group, { killWaitMs: 77, secondSignalAfterMs: 78 })).toEqual({
    ranks: [2, 3],
    startupProbeIntervalMs: 250,
    probeIntervalMs: 5_000,
    probeTimeoutMs: 5_000,
    probeFailureThreshold: 3,
    startupLimit: { kind: 'none' },
    drainDelayMs: 0,
    stopSignal: 'SIGTERM',
    shutdownTimeoutMs: 13,
    exitGraceMs: 5_000,
    killWaitMs: 77,
    secondSignalAfterMs: 78,
  });
  const limited = settingsOf({ startupTimeout: 1.5 });
  expect(policyOf(limited, group, DEFAULT_POLICY).startupLimit).toEqual({ kind: 'within', ms: 1_500 });
});
