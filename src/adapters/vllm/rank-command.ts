import { GROUP_OPTIONS, type Settings } from '../../config/options.ts';
import { isAlone } from '../../config/settings.ts';
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

/** What a rank could not be told to forget, if it stood in the file of `--config`: an option is set again, but not taken back. */
const NOT_TAKEN_BACK: Readonly<Record<Kind, ReadonlySet<string>>> = {
  group: new Set(['data-parallel-multi-port-external-lb', 'data-parallel-start-rank']),
  independent: TAKEN_OUT.independent,
};

/** The command of one rank: COMMAND without what is the supervisor's, and with what makes it that rank's. */
export function rankCommand(server: Server, known: Known, place: RankPlace, kind: Kind): RankCommand {
  const { all, env } = place.settings.autoPorts ? spread(known, place) : { all: known.all, env: {} };
  const isIn = (options: ReadonlySet<string>) => (argument: Argument) =>
    argument.option !== null && options.has(argument.option);
  const isOurs = isIn(TAKEN_OUT[kind]);
  const files = server.filed.length;
  const filed = all.slice(0, files);
  const isChanged = filed.some((argument, index) => argument !== server.filed[index]);
  const hidesDevices = server.filed.some(({ option }) => option === 'device-ids') && !place.byDeviceOption;
  const unfolds = isChanged || hidesDevices || filed.some(isIn(NOT_TAKEN_BACK[kind]));

  const isTakenOut = (argument: Argument) => isOurs(argument) || (unfolds && isConfigFile(argument));
  const typed = all.slice(files);
  const { model, rest } = server.hasSubcommand
    ? modelIn(typed, isTakenOut)
    : { model: [], rest: typed.filter(not(isTakenOut)) };
  // Both are the model, of which there is one.
  const isModel = ({ option }: Argument) => option === 'model' && model.length > 0;
  const unfolded = unfolds ? withoutOption(filed, isModel).filter(not(isOurs)) : [];
  const end = rest.findIndex(({ words }) => words[0] === '--');
  const wordsOf = (part: readonly Argument[]) => part.flatMap(({ words }) => words);
  const words = [
    ...server.before,
    ...wordsOf(model),
    ...wordsOf(unfolded),
    ...wordsOf(end === -1 ? rest : rest.slice(0, end)),
    ...rankOptions(server, place, kind),
    ...wordsOf(end === -1 ? [] : rest.slice(end)),
  ];
  return { words, env };
}

const not = (is: (argument: Argument) => boolean) => (argument: Argument) => !is(argument);
const isPlain = ({ option, words: [word = ''] }: Argument) => option === null && !word.startsWith('-');

/**
 * Parts the model from the options, and leaves out what is taken out. The model is the first word, or one that
 * stands behind what is taken out: without that before it, it would become a value of whatever comes before.
 */
function modelIn(typed: readonly Argument[], isTakenOut: (argument: Argument) => boolean) {
  const at = typed.findIndex((argument, index) => {
    const before = typed[index - 1];
    return isPlain(argument) && (before === undefined || isTakenOut(before));
  });
  const model = at === -1 ? [] : typed.slice(at, at + 1);
  return { model, rest: typed.filter((argument, index) => index !== at && !isTakenOut(argument)) };
}

/** Without an option and the plain word behind it. */
function withoutOption(all: readonly Argument[], isUnwanted: (argument: Argument) => boolean): readonly Argument[] {
  return all.filter((argument, index) => {
    const before = all[index - 1];
    return !isUnwanted(argument) && !(isPlain(argument) && before !== undefined && isUnwanted(before));
  });
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
  return isAlone(settings) || server.has('data-parallel-address')
    ? undefined
    : environment[LEADER_ADDRESS] || undefined;
}
