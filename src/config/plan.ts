import { isIPv6 } from 'node:net';
import type { GroupPlace, PortUse, RankPlace } from '../adapters/adapter.ts';
import type { EngineName } from '../adapters/names.ts';
import type { Policy } from '../../streams/policy.ts';
import { DpsError } from '../errors.ts';
import { type Dealing, dealDevices } from './devices.ts';
import type { Launch } from './group.ts';
import type { Settings } from './options.ts';
import { localRanks } from './settings.ts';
import { fill, type Places } from './template.ts';

/** What would be run, and where it can be asked. */
export interface GroupPlan {
  readonly supervisor: { readonly host: string; readonly port: number };
  readonly engine: EngineName;
  /** How the ranks learn of their devices, and why so. */
  readonly devices: string;
  readonly ranks: readonly RankPlan[];
  /** Every port that this host will need and that is known, in order. */
  readonly ports: readonly PortUse[];
  /** What was taken from where. */
  readonly notes: readonly string[];
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

/**
 * Plans every local rank. The settings have been checked together.
 *
 * @throws DpsError `DPS_USAGE` when there are not devices enough
 */
export function plan(settings: Settings, launch: Launch, warnings: readonly string[] = []): GroupPlan {
  const { size, start } = localRanks(settings);
  const { engineCommand, adapter, environment } = launch;
  const dealing = dealDevices(settings, launch, adapter.maskVariable);
  const group: GroupPlace = {
    settings,
    said: launch.said,
    environment: { ...environment, ...settings.env, ...launch.assigned },
    byDeviceOption: dealing.how === 'ids',
  };
  engineCommand.check(group);
  const places = Array.from({ length: size }, (_, localRank) => ({ ...group, localRank, rank: start + localRank }));
  const ranks = places.map((place) => planRank(launch, place, dealing));
  const ports = portsOf(
    settings,
    ranks,
    places.flatMap((place) => engineCommand.portsOf(place)),
  );
  return {
    supervisor: { host: settings.host, port: settings.dataParallelSupervisorPort },
    engine: launch.engine,
    devices: dealing.note,
    ranks,
    ports,
    notes: [...launch.notes, ...engineCommand.notes(group)],
    warnings: [...warnings, ...engineCommand.warnings(group), ...contested(ports)],
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

function planRank({ engineCommand }: Launch, place: RankPlace, dealing: Dealing): RankPlan {
  const { settings, rank, localRank } = place;
  const port = settings.port + localRank;
  const places: Places = {
    port: String(port),
    rank: String(rank),
    local_rank: String(localRank),
    size: String(settings.dataParallelSize),
    local_size: String(localRanks(settings).size),
    node_rank: String(settings.nodeRank),
    devices: dealing.of(localRank).join(','),
    host: settings.host,
  };
  const { words, env } = engineCommand.commandOf(place);
  const given = Object.entries({ ...settings.env, ...env }).map(([name, value]) => [name, fill(value, places)]);
  return {
    rank,
    localRank,
    port,
    argv: words.map((word) => fill(word, places)),
    env: {
      DP_RANK: places.rank,
      DP_LOCAL_RANK: places.local_rank,
      DP_SIZE: places.size,
      DP_SIZE_LOCAL: places.local_size,
      PORT: places.port,
      ...dealing.mask(localRank),
      ...Object.fromEntries(given),
    },
    healthUrl: `${settings.sslKeyfile === undefined ? 'http' : 'https'}://${probedHost(settings.host)}:${port}${settings.healthPath}`,
  };
}

function portsOf(
  { dataParallelSupervisorPort }: Settings,
  ranks: readonly RankPlan[],
  others: readonly PortUse[],
): readonly PortUse[] {
  return [
    { port: dataParallelSupervisorPort, use: 'supervisor', rank: null },
    ...ranks.map(({ rank, port }): PortUse => ({ port, use: 'server', rank })),
    ...others,
  ].sort((a, b) => a.port - b.port);
}

/**
 * Ports that two different things would be on. That ranks share one thing is told by its engine.
 *
 * @throws DpsError `DPS_USAGE` for what is no port any more
 */
function contested(ports: readonly PortUse[]): readonly string[] {
  const usesOf = new Map<number, PortUse[]>();
  for (const use of ports) {
    const uses = usesOf.get(use.port);
    if (uses === undefined) usesOf.set(use.port, [use]);
    else uses.push(use);
  }
  return [...usesOf].flatMap(([port, uses]) => {
    const names = new Set(uses.map(({ use }) => use));
    const words = uses.map(({ use, rank }) => (rank === null ? use : `${use} of rank ${rank}`)).join(' and ');
    if (port > 65_535) throw new DpsError('DPS_USAGE', `port ${port} for ${words} would exceed 65535`);
    return names.size < 2 ? [] : [`port ${port} would be that of ${words}`];
  });
}

/** A wildcard cannot be connected to everywhere: loopback of the same family can. (vLLM: `_child_base_url`) */
function probedHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}
