import type { Environment } from '../adapters/adapter.ts';
import { GROUP_OPTIONS, type Settings } from './options.ts';
import { read } from './read.ts';

/** Who tells a process which of how many nodes it is on, in the order in which they are believed. */
const SOURCES = [
  { nodeRank: 'LWS_WORKER_INDEX', nnodes: 'LWS_GROUP_SIZE' }, // LeaderWorkerSet
  { nodeRank: 'SLURM_NODEID', nnodes: 'SLURM_STEP_NUM_NODES' }, // Slurm, in a step that srun has started
  { nodeRank: 'GROUP_RANK', nnodes: 'GROUP_WORLD_SIZE' }, // torchrun
] as const;

/**
 * The node as whoever has started this process tells it. Only one of them is believed, the first that names the node.
 * Nothing is taken for a group that is all here: its ranks may well run on a node of something else.
 *
 * @param spoken what is said by others, all of whom are stronger
 * @returns what it says beyond that, and the variables that say so
 * @throws DpsError `DPS_USAGE` when what it says is no number
 */
export function nodesFrom(
  environment: Environment,
  spoken: Partial<Settings>,
): {
  readonly says: Partial<Settings>;
  readonly variables: Readonly<Partial<Record<'nodeRank' | 'nnodes', string>>>;
} {
  const size = spoken.dataParallelSize ?? GROUP_OPTIONS.dataParallelSize.default;
  const isAllHere = size === 1 || spoken.dataParallelSizeLocal === size;
  const source = SOURCES.find(({ nodeRank }) => (environment[nodeRank] ?? '') !== '');
  if (source === undefined || isAllHere) return { says: {}, variables: {} };
  const told = (['nodeRank', 'nnodes'] as const).filter(
    (key) => spoken[key] === undefined && (environment[source[key]] ?? '') !== '',
  );
  const numberOf = (key: 'nodeRank' | 'nnodes') => read(GROUP_OPTIONS[key], environment[source[key]], source[key]);
  return {
    says: Object.fromEntries(told.map((key) => [key, numberOf(key)])),
    variables: Object.fromEntries(told.map((key) => [key, source[key]])),
  };
}
