import { homedir } from 'node:os';
import { join } from 'node:path';
import { localRanks } from '../../config/settings.ts';
import type { PortUse, RankPlace } from '../adapter.ts';
import { portIn } from '../ports.ts';
import type { Argument } from './command-line.ts';
import { type Installed, isSince, SINCE } from './installed.ts';
import { isUsed, type JsonKey, textUnder, withText } from './json-options.ts';

/** Something of a rank that no other rank of the host may have: an id, a port, a folder. */
export interface Identity {
  /** In the words of a warning: `the engine_id "a" (--kv-transfer-config)`. */
  readonly what: string;
  /** What makes it the rank's own by hand. */
  readonly hint: string;
  /** Whether the ranks of one host have the same one. */
  readonly isShared: boolean;
  /** The port that the rank has of it, where it is one. */
  port?(place: RankPlace): { readonly port: number; readonly use: string };
  /** What makes it the rank's own, by a variable or by an argument. */
  own(place: RankPlace): { readonly env?: Readonly<Record<string, string>>; readonly argument?: [JsonKey, string] };
}

/** What is known of a command line of vLLM, and of whether vLLM knows the rank that it is. */
export interface Known {
  readonly all: readonly Argument[];
  /** Each rank is told its number, and adds it to most of these by itself. */
  readonly toldRank: boolean;
  readonly installed: Installed | null;
  readonly compiles: boolean;
}

/** Ports of vLLM's that come from a variable. The one for encoder caches is not counted up by vLLM itself. */
const SIDE_CHANNELS = [
  { variable: 'VLLM_NIXL_SIDE_CHANNEL_PORT', base: 5_600, use: 'NIXL side channel', counted: true },
  { variable: 'VLLM_P2P_SIDE_CHANNEL_PORT', base: 5_710, use: 'P2P side channel', counted: true },
  { variable: 'VLLM_EC_SIDE_CHANNEL_PORT', base: 5_601, use: 'encoder-cache side channel', counted: false },
] as const;
const NIXL = SIDE_CHANNELS[0].variable;
const ENCODER_CACHE = SIDE_CHANNELS[2].variable;

const ENDPOINT: JsonKey = { option: 'kv-events-config', key: 'endpoint' };
const REPLAY_ENDPOINT: JsonKey = { option: 'kv-events-config', key: 'replay_endpoint' };
const USUAL_ENDPOINT = 'tcp://*:5557';
const TCP = /^(tcp:.*):(\d+)$/;
const CACHE_ROOT = 'VLLM_CACHE_ROOT';

/** Everything of this command line that is to be each rank's own, whether it is or not. (vLLM 0.10.0 to 0.32.0) */
export function identities(known: Known, place: RankPlace): readonly Identity[] {
  return [
    ...['kv-transfer-config', 'ec-transfer-config'].flatMap((option) => engineId(known, { option, key: 'engine_id' })),
    ...SIDE_CHANNELS.flatMap((channel) => sideChannel(known, place, channel)),
    ...[ENDPOINT, REPLAY_ENDPOINT].flatMap((key) => endpoint(known, place, key)),
    ...cacheRoot(known, place),
  ];
}

const isTemplate = (text: string) => /\{(rank|local_rank|port)\}/.test(text);
const IN_THE_ARGUMENT = 'put {rank} into it';
const byVariable = (variable: string, example: string) => `say --env '${variable}=${example}'`;

function engineId({ all, toldRank, installed }: Known, key: JsonKey): readonly Identity[] {
  const id = textUnder(all, key);
  if (id === null) return []; // vLLM makes one up for each
  return [
    {
      what: `the engine_id "${id}" (--${key.option})`,
      hint: IN_THE_ARGUMENT,
      isShared: !isTemplate(id) && !(toldRank && isSince(installed, SINCE.rankInEngineId)),
      own: () => ({ argument: [key, `${id}-{rank}`] }),
    },
  ];
}

function sideChannel(
  { all, toldRank }: Known,
  { environment, settings }: RankPlace,
  { variable, base, use, counted }: (typeof SIDE_CHANNELS)[number],
): readonly Identity[] {
  const text = environment[variable];
  const isNixl = all.some(({ option, value }) => option?.startsWith('kv-transfer-config') && /nixl/i.test(value ?? ''));
  const isNeeded = (variable === NIXL && isNixl) || (variable === ENCODER_CACHE && isUsed(all, 'ec-transfer-config'));
  if (text === undefined && !isNeeded) return [];
  const said = portIn(variable, text);
  const first = said ?? base;
  const counts = toldRank && counted;
  // Where nobody has said one, out of the way of a channel that vLLM counts up from beside it.
  const firstOwn = said ?? (counted ? base : base + settings.dataParallelSize);
  return [
    {
      what: `the ${use}, port ${text ?? base} (${variable})`,
      hint: byVariable(variable, `${Math.floor(first / 100)}{local_rank}0`),
      isShared: !counts && !isTemplate(text ?? ''),
      ...(!text?.includes('{') && { port: ({ rank }) => ({ port: first + (counts ? rank : 0), use }) }),
      // Several tensor-parallel workers may listen, each one further on.
      own: ({ localRank }) => ({ env: { [variable]: String(firstOwn + localRank * settings.tensorParallelSize) } }),
    },
  ];
}

function endpoint({ all, toldRank }: Known, { settings }: RankPlace, key: JsonKey): readonly Identity[] {
  const under = (name: string) => textUnder(all, { option: key.option, key: name });
  // vLLM: without events there is no publisher.
  if (under('enable_kv_cache_events') !== 'true' || under('publisher') === 'null') return [];
  const text = under(key.key) ?? (key === ENDPOINT ? USUAL_ENDPOINT : null);
  const [, address, port] = TCP.exec(text ?? '') ?? [];
  if (text === null || address === undefined || port === '0') return [];
  // Counted up beside the other endpoint, one of the two would come upon it.
  const [, , other = NaN] = TCP.exec(under(ENDPOINT.key) ?? USUAL_ENDPOINT) ?? [];
  const { size } = localRanks(settings);
  const aside = key === REPLAY_ENDPOINT && Math.abs(Number(port) - Number(other)) < size ? size : 0;
  const use = key === ENDPOINT ? 'KV events' : 'KV events, replay';
  return [
    {
      what: `the ${use} at ${text} (--${key.option})`,
      hint: 'count them up with {local_rank}',
      isShared: !toldRank,
      port: ({ rank }) => ({ port: Number(port) + (toldRank ? rank : 0), use }),
      own: ({ localRank }) => ({ argument: [key, `${address}:${Number(port) + aside + localRank}`] }),
    },
  ];
}

/** Two servers that compile the same at once write the same files. */
function cacheRoot({ toldRank, compiles }: Known, { environment }: RankPlace): readonly Identity[] {
  if (!compiles || environment['VLLM_DISABLE_COMPILE_CACHE'] === '1') return [];
  const caches = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache');
  const root = environment[CACHE_ROOT] ?? join(caches, 'vllm');
  return [
    {
      what: `the torch compile cache ${root} (${CACHE_ROOT})`,
      hint: byVariable(CACHE_ROOT, join(root, '{rank}')),
      isShared: !toldRank && !isTemplate(root),
      own: () => ({ env: { [CACHE_ROOT]: join(root, 'rank-{rank}') } }),
    },
  ];
}

/** What the ranks would share, one warning each. */
export function sharedInWords(known: Known, place: RankPlace): readonly string[] {
  if (place.settings.autoPorts || localRanks(place.settings).size === 1) return [];
  const shared = identities(known, place).filter(({ isShared }) => isShared);
  return shared.map(({ what, hint }) => `the ranks would share ${what}: ${hint}, or give --auto-ports`);
}

/** Makes what is shared the rank's own: by arguments, and by variables. */
export function spread(known: Known, place: RankPlace): { all: readonly Argument[]; env: Record<string, string> } {
  let { all } = known;
  const env: Record<string, string> = {};
  for (const { isShared, own } of identities(known, place)) {
    if (!isShared) continue;
    const { argument, env: variables } = own(place);
    if (argument !== undefined) all = withText(all, ...argument);
    Object.assign(env, variables);
  }
  return { all, env };
}

/** The ports of what needs one, as the rank will have them. */
export function portsOf(known: Known, place: RankPlace): readonly PortUse[] {
  const { all, env } = place.settings.autoPorts ? spread(known, place) : { all: known.all, env: {} };
  const there = { ...place, environment: { ...place.environment, ...env } };
  const ports = identities({ ...known, all }, there).flatMap(({ port }) => port?.(there) ?? []);
  return ports.map((use) => ({ ...use, rank: place.rank }));
}
