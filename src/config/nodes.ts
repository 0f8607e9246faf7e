import type { Environment } from '../adapters/adapter.ts';
import { GROUP_OPTIONS, type Settings } from './options.ts';
import { read } from './read.ts';

/** Who tells a process which of how many nodes it is on, in the order in which they are believed. */
const SOURCES = [
  { node: 'LWS_WORKER_INDEX', count: 'LWS_GROUP_SIZE' }, // LeaderWorkerSet
  { node: 'SLURM_NODEID', count: 'SLURM_STEP_NUM_NODES' }, // Slurm, in a step that srun has started
  { node: 'GROUP_RANK', count: 'GROUP_WORLD_SIZE' }, // torchrun
] as const;

/**
 * The node as whoever has started this process tells it. Only one of them is believed, the first that names the node.
 *
 * @returns what it says, and the variables that say so
 * @throws DpsError `DPS_USAGE` when what it says is no number
 */
export function nodesFrom(environment: Environment): {
  readonly says: Partial<Settings>;
  readonly variables: Readonly<Partial<Record<keyof Settings, string>>>;
} {
  const source = SOURCES.find(({ node }) => (environment[node] ?? '') !== '');
  if (source === undefined) return { says: {}, variables: {} };
  const { node, count } = source;
  const counted = (environment[count] ?? '') !== '';
  return {
    says: {
      nodeRank: read(GROUP_OPTIONS.nodeRank, environment[node], node) as number,
      ...(counted && { nnodes: read(GROUP_OPTIONS.nnodes, environment[count], count) as number }),
    },
    variables: { nodeRank: node, ...(counted && { nnodes: count }) },
  };
}
