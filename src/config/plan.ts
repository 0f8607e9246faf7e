import { isIPv6 } from 'node:net';
import type { Policy } from '../../streams/policy.ts';
import type { Settings } from './options.ts';
import { localRanks } from './settings.ts';
import { fill } from './template.ts';

/** What would be run, and where it can be asked. */
export interface GroupPlan {
  readonly supervisor: { readonly host: string; readonly port: number };
  readonly ranks: readonly RankPlan[];
  readonly warnings: readonly string[];
}

export interface RankPlan {
  /** Number in the whole group. */
  readonly rank: number;
  /** Number on this node, from 0. */
  readonly localRank: number;
  readonly port: number;
  readonly argv: readonly string[];
  /** Only what is set here; the rest is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly healthUrl: string;
}

/** Plans every local rank. The settings have been checked together. */
export function plan(settings: Settings, command: readonly string[], warnings: readonly string[] = []): GroupPlan {
  const { size } = localRanks(settings);
  return {
    supervisor: { host: settings.host, port: settings.dataParallelSupervisorPort },
    ranks: Array.from({ length: size }, (_, localRank) => planRank(settings, command, localRank)),
    warnings,
  };
}

/**
 * The durations and counts of the settings as the core takes them: milliseconds.
 *
 * @param fixed what there is no option for
 */
export function policyOf(
  settings: Settings,
  group: GroupPlan,
  fixed: Pick<Policy, 'killWaitMs' | 'secondSignalAfterMs'>,
): Policy {
  const ms = (seconds: number) => Math.round(seconds * 1_000);
  return {
    ranks: group.ranks.map(({ rank }) => rank),
    startupProbeIntervalMs: ms(settings.startupProbeIntervalS),
    probeIntervalMs: ms(settings.dpSupervisorProbeIntervalS),
    probeTimeoutMs: ms(settings.dpSupervisorProbeTimeoutS),
    probeFailureThreshold: settings.dpSupervisorProbeFailureThreshold,
    startupLimit:
      settings.startupTimeout === 0 ? { kind: 'none' } : { kind: 'within', ms: ms(settings.startupTimeout) },
    drainDelayMs: ms(settings.drainDelay),
    stopSignal: settings.stopSignal,
    shutdownTimeoutMs: ms(settings.shutdownTimeout),
    exitGraceMs: ms(settings.exitGrace),
    killWaitMs: fixed.killWaitMs,
    secondSignalAfterMs: fixed.secondSignalAfterMs,
  };
}

function planRank(settings: Settings, command: readonly string[], localRank: number): RankPlan {
  const { size, start } = localRanks(settings);
  const rank = start + localRank;
  const port = settings.port + localRank;
  const places = {
    port: String(port),
    rank: String(rank),
    local_rank: String(localRank),
    size: String(settings.dataParallelSize),
    local_size: String(size),
    node_rank: String(settings.nodeRank),
    devices: devicesOf(settings, localRank).join(','),
    host: settings.host,
  };
  const given = Object.entries(settings.env).map(([name, value]) => [name, fill(value, places)]);
  return {
    rank,
    localRank,
    port,
    argv: command.map((word) => fill(word, places)),
    env: {
      DP_RANK: places.rank,
      DP_LOCAL_RANK: places.local_rank,
      DP_SIZE: places.size,
      DP_SIZE_LOCAL: places.local_size,
      PORT: places.port,
      ...Object.fromEntries(given),
    },
    healthUrl: `${settings.sslKeyfile === undefined ? 'http' : 'https'}://${probedHost(settings.host)}:${port}${settings.healthPath}`,
  };
}

/** A wildcard cannot be connected to everywhere: loopback of the same family can. (vLLM: `_child_base_url`) */
function probedHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}

function devicesOf(settings: Settings, localRank: number): readonly string[] {
  const count = settings.tensorParallelSize * settings.pipelineParallelSize;
  const from = localRank * count;
  return (
    settings.deviceIds?.slice(from, from + count) ?? Array.from({ length: count }, (_, index) => String(from + index))
  );
}
