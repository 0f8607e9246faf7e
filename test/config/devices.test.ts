import { describe, expect, test } from 'vitest';
import type { Environment } from '../../src/adapters/adapter.ts';
import type { Settings } from '../../src/config/options.ts';
import { planOf } from './settings-under-test.ts';

/** What `{devices}` is for each local rank. */
const devices = (said: Partial<Settings>) => planOf(said, ['{devices}']).ranks.map(({ argv }) => argv[0]);

test('each rank has one device, by its local number', () => {
  expect(devices({ dataParallelSize: 3 })).toEqual(['0', '1', '2']);
});

test('each rank has tensor x pipeline parallel size devices, and none has those of another', () => {
  expect(devices({ dataParallelSize: 2, tensorParallelSize: 2 })).toEqual(['0,1', '2,3']);
  expect(devices({ dataParallelSize: 2, pipelineParallelSize: 3 })).toEqual(['0,1,2', '3,4,5']);
  expect(devices({ dataParallelSize: 2, tensorParallelSize: 2, pipelineParallelSize: 2 })).toEqual([
    '0,1,2,3',
    '4,5,6,7',
  ]);
});

test('devices are numbered anew on every node', () => {
  expect(devices({ dataParallelSize: 4, dataParallelSizeLocal: 2, nodeRank: 1 })).toEqual(['0', '1']);
});

test('--device-ids are dealt out in their order, and what is left over stays unused', () => {
  const deviceIds = ['MIG-7', 'MIG-5', '3', '1', '0'];
  expect(devices({ dataParallelSize: 2, tensorParallelSize: 2, deviceIds })).toEqual(['MIG-7,MIG-5', '3,1']);
});

test('one rank cannot have a device twice, but two ranks may share one', () => {
  expect(devices({ dataParallelSize: 2, deviceIds: ['0', '0'] })).toEqual(['0', '0']);
  expect(() => devices({ dataParallelSize: 1, tensorParallelSize: 2, deviceIds: ['0', '0'] })).toThrow(
    '--device-ids: expected other devices for one rank, got 0,0',
  );
  expect(() => devices({ dataParallelSize: 1, tensorParallelSize: 2, deviceIds: ['0', 'GPU-a'] })).toThrow(
    '--device-ids: expected numbers or names for one rank, got 0,GPU-a',
  );
});

test('a mask that --env sets is left to it', () => {
  const [rank] = planOf({ deviceIds: ['3'], env: { CUDA_VISIBLE_DEVICES: '{devices}' } }, ['serve']).ranks;
  expect(rank?.env['CUDA_VISIBLE_DEVICES']).toBe('3');
});

describe('a mask', () => {
  const masks = (environment: Environment, said: Partial<Settings> = {}) => {
    const plan = planOf({ dataParallelSize: 2, ...said }, ['serve', '{devices}'], environment);
    const names = Object.keys(plan.ranks[0]?.env ?? {}).filter((name) => /VISIBLE_DEVICES|AFFINITY_MASK/.test(name));
    return plan.ranks.map(({ env }) => names.map((name) => `${name}=${env[name]}`).join(' '));
  };

  test.each([
    ['indices', '4,5,6,7', '4,5', '6,7'],
    ['UUIDs', 'GPU-a,GPU-b,GPU-c,GPU-d', 'GPU-a,GPU-b', 'GPU-c,GPU-d'],
    ['MIG devices', 'MIG-1, MIG-2, MIG-3, MIG-4', 'MIG-1,MIG-2', 'MIG-3,MIG-4'],
  ])('is dealt out within the inherited one: %s', (_what, inherited, first, second) => {
    expect(masks({ CUDA_VISIBLE_DEVICES: inherited }, { tensorParallelSize: 2 })).toEqual([
      `CUDA_VISIBLE_DEVICES=${first}`,
      `CUDA_VISIBLE_DEVICES=${second}`,
    ]);
  });

  test.each(['HIP_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES', 'ASCEND_RT_VISIBLE_DEVICES', 'ZE_AFFINITY_MASK'])(
    'is the one that is inherited: %s',
    (name) => {
      expect(masks({ [name]: '3,1' })).toEqual([`${name}=3`, `${name}=1`]);
    },
  );

  test('is set twice where it is inherited twice, and refused where the two contradict each other', () => {
    expect(masks({ CUDA_VISIBLE_DEVICES: '3,1', HIP_VISIBLE_DEVICES: '3,1' })).toEqual([
      'CUDA_VISIBLE_DEVICES=3 HIP_VISIBLE_DEVICES=3',
      'CUDA_VISIBLE_DEVICES=1 HIP_VISIBLE_DEVICES=1',
    ]);
    expect(() => masks({ CUDA_VISIBLE_DEVICES: '3,1', HIP_VISIBLE_DEVICES: '1,3' })).toThrow(
      'CUDA_VISIBLE_DEVICES=3,1 and HIP_VISIBLE_DEVICES=1,3 contradict each other',
    );
    expect(masks({ ROCR_VISIBLE_DEVICES: '6,7', HIP_VISIBLE_DEVICES: '0,1' })).toEqual([
      'HIP_VISIBLE_DEVICES=0',
      'HIP_VISIBLE_DEVICES=1',
    ]);
  });

  test('that contradicts another one is nobody’s business where no device is dealt out', () => {
    const masked = { CUDA_VISIBLE_DEVICES: '3,1', HIP_VISIBLE_DEVICES: '1,3' };
    expect(masks(masked, { devices: 'none' })).toEqual(['', '']);
  });

  test('that names devices shows no other name', () => {
    expect(() => masks({ CUDA_VISIBLE_DEVICES: 'GPU-a,GPU-b' }, { deviceIds: ['GPU-a', 'GPU-c'] })).toThrow(
      '--device-ids: CUDA_VISIBLE_DEVICES=GPU-a,GPU-b shows no GPU-c',
    );
  });

  test('counts --device-ids within the inherited one', () => {
    expect(masks({ CUDA_VISIBLE_DEVICES: '4,5,6,7' }, { deviceIds: ['3', '0'] })).toEqual([
      'CUDA_VISIBLE_DEVICES=7',
      'CUDA_VISIBLE_DEVICES=4',
    ]);
    expect(() => masks({ CUDA_VISIBLE_DEVICES: '4,5' }, { deviceIds: ['0', '4'] })).toThrow(
      '--device-ids: 4 is beyond the last one: CUDA_VISIBLE_DEVICES=4,5 shows 2',
    );
  });

  test('that is too short is refused with the numbers', () => {
    expect(() => masks({ CUDA_VISIBLE_DEVICES: '0' })).toThrow(
      '--devices mask: 2 ranks of 1 (tensor x pipeline parallel size) need 2 devices, and CUDA_VISIBLE_DEVICES=0 shows 1: expected fewer ranks, or --devices none to share them',
    );
    expect(masks({ CUDA_VISIBLE_DEVICES: '0' }, { devices: 'none' })).toEqual(['', '']);
  });

  test.each(['', '-1', 'NoDevFiles'])('that shows none (%j) is left alone, unless devices are asked for', (mask) => {
    expect(masks({ CUDA_VISIBLE_DEVICES: mask })).toEqual(['', '']);
    expect(() => masks({ CUDA_VISIBLE_DEVICES: mask }, { devices: 'mask' })).toThrow('CUDA_VISIBLE_DEVICES= shows 0');
  });
});
