import { GROUP_OPTIONS, type Settings } from '../../config/options.ts';
import { localRanks } from '../../config/settings.ts';
import type { GroupPlace, RankCommand, RankPlace } from '../adapter.ts';
import type { Argument } from './command-line.ts';
import { type Known, spread } from './identities.ts';
import { isConfigFile, type Server } from './server.ts';

/** How ranks of vLLM hang together: as the data-parallel ranks of one model, or not at all. */
export type Kind = 'group' | 'independent';

/** Options of ours that a rank has to know as well, where they are not in COMMAND. */
const PASSED_ON = [
  ...(['host', 'shutdownTimeout', 'sslKeyfile', 'sslCertfile', 'sslCaCerts'] as const),
  ...(['tensorParallelSize', 'pipelineParallelSize'] as const),
] satisfies readonly (keyof Settings)[];

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

/** The command of one rank: COMMAND without what is the supervisor's, and with what makes it that rank's. */
export function rankCommand(server: Server, known: Known, place: RankPlace, kind: Kind): RankCommand {
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

export const LEADER_ADDRESS = 'LWS_LEADER_ADDRESS';

/** LeaderWorkerSet says where the first node is, where COMMAND does not; who is alone needs nobody. */
export function leaderAddress(server: Server, { settings, environment }: GroupPlace): string | undefined {
  const isAlone = localRanks(settings).size === settings.dataParallelSize;
  return isAlone || server.has('data-parallel-address') ? undefined : environment[LEADER_ADDRESS] || undefined;
}
