import { existsSync } from 'node:fs';
import { GROUP_OPTIONS, type Settings } from '../config/options.ts';
import { read } from '../config/read.ts';
import { localRanks } from '../config/settings.ts';
import { DpsError } from '../errors.ts';
import type { Adapter, EngineCommand, Environment, GroupPlace, PortUse, RankPlace } from './adapter.ts';
import type { Argument } from './vllm/command-line.ts';
import { type Known, portsOf, sharedInWords, spread } from './vllm/identities.ts';
import { type Installed, installedVllm, isSince, SINCE } from './vllm/installed.ts';
import { refuseGroup, refuseIndependent } from './vllm/refusals.ts';
import { findServer, isConfigFile, readServer, type Server } from './vllm/server.ts';

/** How ranks of vLLM hang together: as the data-parallel ranks of one model, or not at all. */
type Kind = 'group' | 'independent';

/** Options of ours that vLLM has under the same name: what COMMAND says of them is said. */
const SAID = [
  ...(['host', 'port', 'shutdownTimeout', 'sslKeyfile', 'sslCertfile', 'sslCaCerts'] as const),
  ...(['dataParallelSize', 'dataParallelSizeLocal', 'dataParallelStartRank', 'nnodes', 'nodeRank'] as const),
  ...(['tensorParallelSize', 'pipelineParallelSize', 'deviceIds', 'dataParallelSupervisorPort'] as const),
  ...(['dpSupervisorProbeIntervalS', 'dpSupervisorProbeTimeoutS', 'dpSupervisorProbeFailureThreshold'] as const),
] satisfies readonly (keyof Settings)[];

/** Those that a rank has to know as well, where they are not in COMMAND. */
const PASSED_ON = [
  ...(['host', 'shutdownTimeout', 'sslKeyfile', 'sslCertfile', 'sslCaCerts'] as const),
  ...(['tensorParallelSize', 'pipelineParallelSize'] as const),
] satisfies readonly (typeof SAID)[number][];

/** What is the supervisor's, and no rank's. */
const SUPERVISOR_OPTIONS = [
  ...['port', 'device-ids', 'data-parallel-multi-port-external-lb', 'data-parallel-supervisor-port'],
  ...['data-parallel-size-local', 'data-parallel-start-rank', 'data-parallel-rank'],
  ...['data-parallel-external-lb', 'no-data-parallel-external-lb'],
  ...['data-parallel-hybrid-lb', 'no-data-parallel-hybrid-lb'],
  ...['dp-supervisor-probe-interval-s', 'dp-supervisor-probe-timeout-s', 'dp-supervisor-probe-failure-threshold'],
];
/** What is taken out of COMMAND: a rank of a group has its own in their place, an independent server has none. */
const TAKEN_OUT: Readonly<Record<Kind, ReadonlySet<string>>> = {
  group: new Set([...SUPERVISOR_OPTIONS, 'api-server-count']),
  independent: new Set([
    ...[...SUPERVISOR_OPTIONS, 'data-parallel-size', 'data-parallel-address', 'data-parallel-rpc-port'],
    ...['data-parallel-backend', 'nnodes', 'node-rank'],
  ]),
};

/** Where data-parallel ranks find each other when COMMAND does not say, on the node of rank 0. (vLLM: `data_parallel_rpc_port`) */
const RPC_PORT = 29_550;

/** One data-parallel group of vLLM servers, as vLLM's own supervisor starts them (vLLM: `_build_vllm_dp_server_args`). */
export const vllm: Adapter = {
  title: 'vLLM, data-parallel ranks of a mixture-of-experts model (`vllm serve`)',
  // Whoever has told the ranks apart by placeholders has done what is done here.
  recognises: (command) => findServer(command) !== null && !command.some((word) => word.includes('{port}')),
  healthPath: '/health',
  stopSignal: 'SIGTERM',
  read: (command, environment) => readVllm(command, environment, 'group'),
};

/** The same for vLLM's plugin for Ascend accelerators, which have a mask of their own. */
export const vllmAscend: Adapter = {
  ...vllm,
  title: 'vLLM on Ascend (`vllm serve` with vllm-ascend)',
  recognises: (command, environment) =>
    vllm.recognises(command, environment) &&
    (environment[ASCEND_MASK] !== undefined || existsSync('/dev/davinci_manager')),
  maskVariable: 'ASCEND_RT_VISIBLE_DEVICES',
};
const ASCEND_MASK = 'ASCEND_RT_VISIBLE_DEVICES';

/**
 * vLLM servers that know nothing of each other: what vLLM wants for models without experts, which it refuses to serve
 * as ranks of a group.
 */
export const vllmIndependent: Adapter = {
  ...vllm,
  title: 'vLLM, independent servers of a dense model (`vllm serve`)',
  recognises: () => false, // the command line does not tell; `--engine vllm-independent` does
  read: (command, environment) => readVllm(command, environment, 'independent'),
};

function readVllm(command: readonly string[], environment: Environment, kind: Kind): EngineCommand {
  const server = readServer(command);
  const installed = installedVllm(command, environment);
  const all = [...server.filed, ...server.typed];
  const known: Known = { all, toldRank: kind === 'group', installed, compiles: !server.isOn('enforce-eager') };
  return {
    says: saidBy(server),
    deviceOption: deviceOption(server, installed),
    notes: (group) => notesOf(server, installed, group, kind),
    check: (group) => (kind === 'group' ? refuseGroup : refuseIndependent)(server, group.settings),
    commandOf: (place) => commandOf(server, known, place, kind),
    shared: (group) => sharedInWords(known, { ...group, rank: 0, localRank: 0 }),
    portsOf: (place) => [...portsOf(known, place), ...(kind === 'group' ? meetingPort(server, place) : [])],
  };
}

function notesOf(server: Server, installed: Installed | null, group: GroupPlace, kind: Kind): readonly string[] {
  const address = kind === 'group' ? leaderAddress(server, group) : undefined;
  return [
    installed === null ? 'which vLLM it is cannot be seen here' : `vLLM ${installed.version} is installed`,
    ...(address === undefined ? [] : [`data-parallel-address ${address}: ${LEADER_ADDRESS}`]),
    ...(server.typed.some((argument) => argument.option === 'config' && !isConfigFile(argument))
      ? ['vLLM reads no file behind "--config=": it wants "--config FILE", in two words']
      : []),
  ];
}

/** @throws DpsError `DPS_USAGE` */
function saidBy(server: Server): Partial<Settings> {
  const said: Record<string, unknown> = {};
  for (const key of SAID) {
    const option = GROUP_OPTIONS[key];
    const text = server.value(option.name);
    if (text === null || text === `{${option.name}}`) continue;
    // vLLM takes no part of a second here, and Python reads 1_000 and blanks around a number.
    const isWhole = option.type === 'integer' || key === 'shutdownTimeout';
    const number = text.trim().replaceAll(/(?<=\d)_(?=\d)/g, '');
    if (isWhole && !/^[+-]?\d+$/.test(number)) {
      throw new DpsError('DPS_USAGE', `--${option.name} of vLLM: expected a whole number, got ${JSON.stringify(text)}`);
    }
    said[key] = read(option, option.type === 'text' ? text : number, `--${option.name} of vLLM`);
  }
  return said;
}

function deviceOption(server: Server, installed: Installed | null): EngineCommand['deviceOption'] {
  if (isSince(installed, SINCE.deviceIds)) return { is: 'usual', why: `vLLM ${installed?.version} has --device-ids` };
  if (server.has('device-ids')) return { is: 'usual', why: 'COMMAND has --device-ids' };
  const why =
    installed === null
      ? 'which vLLM it is cannot be seen here'
      : `vLLM ${installed.version} has no --device-ids, ${SINCE.deviceIds} has`;
  return { is: 'possible', why };
}

function commandOf(server: Server, known: Known, place: RankPlace, kind: Kind) {
  const isOurs = ({ option }: Argument) => option !== null && TAKEN_OUT[kind].has(option);
  const { autoPorts } = place.settings;
  const { all, env } = autoPorts ? spread(known, place) : { all: known.all, env: {} };
  // An option of the file can be overruled from the command line, but not taken back.
  const unfolds = autoPorts || server.filed.some(isOurs);
  const filed = unfolds ? all.slice(0, server.filed.length) : [];
  const typed = all.slice(server.filed.length).filter((argument) => !(unfolds && isConfigFile(argument)));

  const hasModel = server.hasSubcommand && typed[0]?.option === null && !typed[0].words[0]?.startsWith('-');
  const inOrder = [...typed.slice(0, hasModel ? 1 : 0), ...filed, ...typed.slice(hasModel ? 1 : 0)];
  const kept = inOrder.filter((argument) => !isOurs(argument));
  const end = kept.findIndex(({ words }) => words[0] === '--');
  const wordsOf = (part: readonly Argument[]) => part.flatMap(({ words }) => words);
  const words = [
    ...server.before,
    ...wordsOf(end === -1 ? kept : kept.slice(0, end)),
    ...rankOptions(server, place, kind),
    ...wordsOf(end === -1 ? [] : kept.slice(end)),
  ];
  return { words, env };
}

/** What makes the command that of one rank. */
function rankOptions(server: Server, place: RankPlace, kind: Kind): readonly string[] {
  const { settings, said, byDeviceOption } = place;
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${name}`, String(value)];
  const group = [
    ...(server.has('data-parallel-size') ? [] : option('data-parallel-size', settings.dataParallelSize)),
    ...['--data-parallel-rank', '{rank}', '--data-parallel-size-local', '1', '--data-parallel-external-lb'],
    ...['--api-server-count', '1'],
    ...option('data-parallel-address', leaderAddress(server, place)),
  ];
  const passedOn = PASSED_ON.flatMap((key) => {
    const { name } = GROUP_OPTIONS[key];
    if (said[key] === undefined || server.has(name)) return [];
    return option(name, key === 'shutdownTimeout' ? Math.ceil(settings[key]) : settings[key]);
  });
  return [
    ...['--port', '{port}'],
    ...(kind === 'group' ? group : []),
    ...(byDeviceOption ? ['--device-ids', '{devices}'] : []),
    ...passedOn,
  ];
}

const LEADER_ADDRESS = 'LWS_LEADER_ADDRESS';

/** LeaderWorkerSet says where the first node is, where COMMAND does not; who is alone needs nobody. */
function leaderAddress(server: Server, { settings, environment }: GroupPlace): string | undefined {
  const isAlone = localRanks(settings).size === settings.dataParallelSize;
  return isAlone || server.has('data-parallel-address') ? undefined : environment[LEADER_ADDRESS] || undefined;
}

function meetingPort(server: Server, { settings, localRank }: RankPlace): readonly PortUse[] {
  if (localRank > 0 || localRanks(settings).start > 0) return [];
  const port = Number(server.value('data-parallel-rpc-port') ?? RPC_PORT);
  return [{ port, use: 'where the data-parallel ranks meet', rank: null }];
}
