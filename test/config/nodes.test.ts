import { expect, test } from 'vitest';
import type { Environment } from '../../src/adapters/adapter.ts';
import type { Settings } from '../../src/config/options.ts';
import { planOf } from './settings-under-test.ts';

const ranks = (environment: Environment, said: Partial<Settings> = {}) =>
  planOf({ dataParallelSize: 8, ...said }, ['serve'], environment).ranks.map(({ rank }) => rank);
const notes = (environment: Environment, said: Partial<Settings> = {}) =>
  planOf({ dataParallelSize: 8, ...said }, ['serve'], environment).notes;

const LWS = { LWS_WORKER_INDEX: '1', LWS_GROUP_SIZE: '4' };
const SLURM = { SLURM_NODEID: '2', SLURM_STEP_NUM_NODES: '4' };
const TORCHRUN = { GROUP_RANK: '3', GROUP_WORLD_SIZE: '4' };

test.each([
  ['LeaderWorkerSet', LWS, [2, 3]],
  ['Slurm', SLURM, [4, 5]],
  ['torchrun', TORCHRUN, [6, 7]],
])('the node and the number of nodes are taken from %s', (_who, environment, expected) => {
  expect(ranks(environment)).toEqual(expected);
});

test('the first that names the node is believed, and plan says who it was', () => {
  expect(ranks({ ...TORCHRUN, ...SLURM, ...LWS })).toEqual([2, 3]);
  expect(notes({ ...TORCHRUN, ...SLURM })).toEqual(['node-rank 2: SLURM_NODEID', 'nnodes 4: SLURM_STEP_NUM_NODES']);
});

test('what was said is believed before', () => {
  expect(ranks(LWS, { nodeRank: 0 })).toEqual([0, 1]);
  expect(notes(LWS, { nodeRank: 0 })).toEqual(['nnodes 4: LWS_GROUP_SIZE']);
  expect(ranks(LWS, { nnodes: 2 })).toEqual([4, 5, 6, 7]);
  expect(ranks(LWS, { dataParallelSizeLocal: 1 })).toEqual([1]);
  expect(ranks(LWS, { dataParallelStartRank: 0 })).toEqual([0, 1]);
});

test('without a number of nodes, all ranks are here unless a local size is given', () => {
  expect(ranks({ LWS_WORKER_INDEX: '0' })).toHaveLength(8);
  expect(ranks({ LWS_WORKER_INDEX: '1' }, { dataParallelSizeLocal: 4 })).toEqual([4, 5, 6, 7]);
});

test('a group that is all here has nothing to do with the nodes of something else', () => {
  expect(ranks(LWS, { dataParallelSize: 1 })).toEqual([0]);
  expect(ranks(LWS, { dataParallelSize: 4, dataParallelSizeLocal: 4 })).toEqual([0, 1, 2, 3]);
  expect(ranks({ ...LWS, LWS_WORKER_INDEX: 'one' }, { nodeRank: 1 })).toEqual([2, 3]); // nobody asks it
});

test('what is empty says nothing', () => {
  expect(ranks({ LWS_WORKER_INDEX: '', SLURM_NODEID: '1', SLURM_STEP_NUM_NODES: '2' })).toEqual([4, 5, 6, 7]);
});

test.each([
  [{ LWS_WORKER_INDEX: 'one' }, 'LWS_WORKER_INDEX: expected a whole number from 0 to 65535, got "one"'],
  [
    { LWS_WORKER_INDEX: '4', LWS_GROUP_SIZE: '4' },
    '--node-rank 4: expected at most 3, of --nnodes 4 (node-rank 4: LWS_WORKER_INDEX, nnodes 4: LWS_GROUP_SIZE)',
  ],
  [{ LWS_WORKER_INDEX: '0', LWS_GROUP_SIZE: '3' }, '--data-parallel-size 8 cannot be divided among --nnodes 3'],
])('%o is refused', (environment, message) => {
  expect(() => ranks(environment)).toThrow(message);
});
