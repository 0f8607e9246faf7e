import { existsSync } from 'node:fs';
import { isAlone, localRanks } from '../config/settings.ts';
import type { Adapter, EngineCommand, Environment, GroupPlace, PortUse, RankPlace } from './adapter.ts';
import { portIn } from './ports.ts';
import { type Known, portsOf, sharedInWords } from './vllm/identities.ts';
import { type Installed, installedVllm, isSince, SINCE } from './vllm/installed.ts';
import { type Kind, LEADER_ADDRESS, leaderAddress, rankCommand } from './vllm/rank-command.ts';
import { refuseGroup, refuseIndependent } from './vllm/refusals.ts';
import { saidBy } from './vllm/said.ts';
import { findServer, isConfigFile, readServer, type Server } from './vllm/server.ts';
import { optionIn } from './words.ts';

const ASCEND_MASK = 'ASCEND_RT_VISIBLE_DEVICES';
/** Where data-parallel ranks find each other when COMMAND does not say, on the node of rank 0. (vLLM: `data_parallel_rpc_port`) */
const RPC_PORT = 29_550;

/** One data-parallel group of vLLM servers, as vLLM's own supervisor starts them (vLLM: `_build_vllm_dp_server_args`). */
export const vllm: Adapter = {
  recognises: (command) => findServer(command) !== null && !isTemplate(command),
  healthPath: '/health',
  stopSignal: 'SIGTERM',
  read: (command, environment) => readVllm(command, environment, 'group'),
};

/** The same for vLLM's plugin for Ascend accelerators, which have a mask of their own. */
export const vllmAscend: Adapter = {
  ...vllm,
  recognises: (command, environment) =>
    vllm.recognises(command, environment) &&
    (environment[ASCEND_MASK] !== undefined || existsSync('/dev/davinci_manager')),
  maskVariable: ASCEND_MASK,
};

/**
 * vLLM servers that know nothing of each other: what vLLM wants for models without experts, which it refuses to serve
 * as ranks of a group.
 */
export const vllmIndependent: Adapter = {
  ...vllm,
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
    commandOf: (place) => rankCommand(server, known, place, kind),
    warnings: (group) => [
      ...sharedInWords(known, { ...group, rank: 0, localRank: 0 }),
      ...(kind === 'group' ? meetingNowhere(server, group) : []),
    ],
    portsOf: (place) => [...portsOf(known, place), ...(kind === 'group' ? meetingPort(server, place) : [])],
  };
}

function notesOf(server: Server, installed: Installed | null, group: GroupPlace, kind: Kind): readonly string[] {
  const address = kind === 'group' ? leaderAddress(server, group) : undefined;
  return [
    ...(installed === null ? [] : [`vLLM ${installed.version} is installed`]),
    ...(address === undefined ? [] : [`data-parallel-address ${address}: ${LEADER_ADDRESS}`]),
    ...(server.typed.some((argument) => argument.option === 'config' && !isConfigFile(argument))
      ? ['vLLM reads no file behind "--config=": it wants "--config FILE", in two words']
      : []),
  ];
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

/** Whoever gives each rank its port by a placeholder has told the ranks apart, and has done what is done here. */
function isTemplate(command: readonly string[]): boolean {
  const from = findServer(command)?.at ?? 0;
  return optionIn(command, from, '--port')?.includes('{port}') === true;
}

/** Without an address vLLM looks for the ranks of other nodes on its own. */
function meetingNowhere(server: Server, group: GroupPlace): readonly string[] {
  if (isAlone(group.settings) || server.has('data-parallel-address') || leaderAddress(server, group) !== undefined)
    return [];
  return ['the ranks of other nodes are looked for at 127.0.0.1: expected --data-parallel-address in COMMAND'];
}

function meetingPort(server: Server, { settings, localRank }: RankPlace): readonly PortUse[] {
  if (localRank > 0 || localRanks(settings).start > 0) return [];
  const port = portIn('--data-parallel-rpc-port of vLLM', server.value('data-parallel-rpc-port')) ?? RPC_PORT;
  return [{ port, use: 'where the data-parallel ranks meet', rank: null }];
}
