import { isIPv6 } from 'node:net';
import { cut, quoted } from '../../streams/quoted.ts';
import { DpsError, refuseIf } from '../errors.ts';
import { type Option, type OptionTable, type Values } from './option.ts';
import { GROUP_OPTIONS, type Settings } from './options.ts';
import { read, shown } from './read.ts';

/** Fills in what nobody said. Later sources are overruled by earlier ones; pairs add up, name by name. */
export function withDefaults<T extends OptionTable>(table: T, ...sources: readonly Partial<Values<T>>[]): Values<T> {
  const entries = Object.entries<Option>(table).map(([key, option]) => {
    const said = sources.map((source) => source[key as keyof T]).filter((value) => value !== undefined);
    return [key, option.type === 'pairs' ? Object.assign({}, ...said.reverse()) : (said[0] ?? defaultOf(option))];
  });
  return Object.fromEntries(entries) as Values<T>;
}

/**
 * Checks what a program gave to the library as `read` checks what a user typed.
 *
 * @throws DpsError `DPS_USAGE`
 */
export function readProgramOptions(given: Partial<Settings>): Partial<Settings> {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(GROUP_OPTIONS, key));
  if (unknown !== undefined) throw new DpsError('DPS_USAGE', `unknown option ${cut(unknown)}`);
  const entries = Object.entries<Option>(GROUP_OPTIONS)
    .filter(([key]) => given[key as keyof Settings] !== undefined)
    .map(([key, option]) => [key, read(option, given[key as keyof Settings], key)]);
  return Object.fromEntries(entries) as Partial<Settings>;
}

/**
 * Refuses to do without a COMMAND. One that is empty is a variable of a shell that was never set.
 *
 * @throws DpsError `DPS_NO_COMMAND`, or `DPS_USAGE` for what is no list of words
 */
export function checkCommand(command: unknown): asserts command is readonly string[] {
  if (!Array.isArray(command) || !command.every((word) => typeof word === 'string')) {
    throw new DpsError('DPS_USAGE', `command: expected a list of words, got ${shown(command)}`);
  }
  if (command[0] === undefined || command[0] === '') {
    const got = command[0] === undefined ? 'none' : '""';
    throw new DpsError(
      'DPS_NO_COMMAND',
      `expected a COMMAND to supervise, got ${got}: dp-supervisor [options] -- COMMAND [ARG...]`,
    );
  }
}

/** How many ranks run here, and which is the first. */
export function localRanks(settings: Settings): { readonly size: number; readonly start: number } {
  const size = settings.dataParallelSizeLocal ?? settings.dataParallelSize / (settings.nnodes ?? 1);
  return { size, start: settings.dataParallelStartRank ?? settings.nodeRank * size };
}

/** Whether all ranks of the group run here. */
export function isAlone(settings: Settings): boolean {
  return localRanks(settings).size === settings.dataParallelSize;
}

/** Far more than any host has. */
const MOST_DEVICES = 65_535;

/**
 * Checks what no single option can: sizes, ranks and ports against each other, as vLLM does.
 *
 * @throws DpsError `DPS_USAGE`
 */
export function checkTogether(settings: Settings): void {
  const { size: localSize, start } = localRanks(settings);
  const size = settings.dataParallelSize;
  const last = settings.port + localSize - 1;
  const supervisorPort = settings.dataParallelSupervisorPort;
  const devices = localSize * settings.tensorParallelSize * settings.pipelineParallelSize;

  const nodes = settings.nnodes ?? 1;
  refuseIf(
    settings.nodeRank >= nodes && settings.nnodes !== undefined,
    `--node-rank ${settings.nodeRank}: expected at most ${nodes - 1}, of --nnodes ${nodes}`,
  );
  refuseIf(
    !Number.isInteger(localSize),
    `--data-parallel-size ${size} cannot be divided among --nnodes ${nodes}: expected --data-parallel-size-local`,
  );
  refuseIf(localSize > size, `--data-parallel-size-local ${localSize} cannot exceed --data-parallel-size ${size}`);
  refuseIf(
    size % localSize !== 0,
    `--data-parallel-size ${size} must be divisible by --data-parallel-size-local ${localSize}`,
  );
  refuseIf(
    start + localSize > size,
    `ranks ${start}-${start + localSize - 1} would exceed --data-parallel-size ${size}: expected --data-parallel-start-rank (or --node-rank x the local size) of at most ${size - localSize}`,
  );
  refuseIf(
    last > 65_535,
    `rank ports ${settings.port}-${last} would exceed 65535: expected --port of at most ${65_536 - localSize}`,
  );
  refuseIf(
    supervisorPort >= settings.port && supervisorPort <= last,
    `--data-parallel-supervisor-port ${supervisorPort} overlaps with the rank ports ${settings.port}-${last}: expected a port outside of them`,
  );
  checkKeyAndCertificate(settings);
  refuseIf(
    settings.sslCaCerts !== undefined && settings.sslKeyfile === undefined,
    '--ssl-ca-certs is for HTTPS: expected --ssl-keyfile and --ssl-certfile as well',
  );
  refuseIf(
    devices > MOST_DEVICES,
    `${localSize} ranks of ${devices / localSize} (tensor x pipeline parallel size) would need ${devices} devices: expected at most ${MOST_DEVICES}`,
  );
  refuseIf(
    settings.deviceIds !== undefined && settings.deviceIds.length < devices,
    `--device-ids: expected at least ${devices} (${localSize} ranks of ${devices / localSize}), got ${settings.deviceIds?.length ?? 0}`,
  );
  refuseIf(
    !isHost(settings.host),
    `--host: expected a host name or an IP address without brackets or zone, got ${quoted(settings.host)}`,
  );
  refuseIf(
    !settings.healthPath.startsWith('/'),
    `--health-path: expected a path from "/", got ${quoted(settings.healthPath)}`,
  );
}

/** @throws DpsError `DPS_USAGE` when there is one of them alone */
export function checkKeyAndCertificate({
  sslKeyfile,
  sslCertfile,
}: Pick<Settings, 'sslKeyfile' | 'sslCertfile'>): void {
  refuseIf(
    (sslKeyfile === undefined) !== (sslCertfile === undefined),
    `--ssl-keyfile and --ssl-certfile must be given together, got only --${sslKeyfile === undefined ? 'ssl-certfile' : 'ssl-keyfile'}`,
  );
}

/** It becomes part of the URL that the ranks are probed at, where anything else would mean something else. */
function isHost(host: string): boolean {
  return /^\w[\w.-]*$/.test(host) || (isIPv6(host) && !host.includes('%'));
}

function defaultOf(option: Option): unknown {
  if (option.type === 'flag') return false;
  return 'default' in option ? option.default : undefined;
}
