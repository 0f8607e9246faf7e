import { expect, test } from 'vitest';
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
  const deviceIds = ['7', 'MIG-5', '3', '1', '0'];
  expect(devices({ dataParallelSize: 2, tensorParallelSize: 2, deviceIds })).toEqual(['7,MIG-5', '3,1']);
});

test('a mask that --env sets is left to it', () => {
  const [rank] = planOf({ deviceIds: ['3'], env: { CUDA_VISIBLE_DEVICES: '{devices}' } }, ['serve']).ranks;
  expect(rank?.env['CUDA_VISIBLE_DEVICES']).toBe('3');
});
