import { STOP_SIGNALS } from '../../streams/facts.ts';
import { DEFAULT_POLICY, LIMITS } from '../../streams/policy.ts';
import { ENGINE_NAMES } from '../adapters/names.ts';
import type { OptionTable, Values } from './option.ts';

const seconds = (ms: number) => ms / 1_000;

/** How small an interval may be, in seconds: below that, probing would be all that anybody does. */
const MIN_INTERVAL = 0.01;

/**
 * The options of a supervised group: the one place of their names, defaults and bounds, read by the
 * command line, the environment, the file, the library and the reference page. Names and defaults are
 * vLLM's wherever vLLM has the option.
 */
export const GROUP_OPTIONS = {
  host: {
    name: 'host',
    group: 'Ranks',
    type: 'text',
    default: '0.0.0.0',
    placeholder: 'ADDRESS',
    help: 'Address that the supervisor listens on; ranks are probed there too, or at loopback when it is a wildcard',
  },
  port: {
    name: 'port',
    group: 'Ranks',
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 8_000,
    placeholder: 'N',
    help: 'Port of the first local rank; local rank i listens on N+i',
  },
  dataParallelSize: {
    name: 'data-parallel-size',
    short: '-dp',
    group: 'Ranks',
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 1,
    placeholder: 'N',
    help: 'Ranks in the whole group, on all nodes',
  },
  dataParallelSizeLocal: {
    name: 'data-parallel-size-local',
    short: '-dpl',
    group: 'Ranks',
    type: 'integer',
    min: 1,
    max: 65_535,
    placeholder: 'N',
    help: 'Ranks on this node (default: the data-parallel size, divided by the number of nodes)',
  },
  dataParallelStartRank: {
    name: 'data-parallel-start-rank',
    short: '-dpr',
    group: 'Ranks',
    type: 'integer',
    min: 0,
    max: 65_535,
    placeholder: 'N',
    help: 'Number of the first local rank (default: node rank x local size)',
  },
  nodeRank: {
    name: 'node-rank',
    short: '-r',
    group: 'Ranks',
    type: 'integer',
    min: 0,
    max: 65_535,
    default: 0,
    placeholder: 'N',
    help: 'Number of this node (or LWS_WORKER_INDEX, SLURM_NODEID, GROUP_RANK)',
  },
  nnodes: {
    name: 'nnodes',
    short: '-n',
    group: 'Ranks',
    type: 'integer',
    min: 1,
    max: 65_535,
    placeholder: 'N',
    help: 'Nodes of the group (default: LWS_GROUP_SIZE, SLURM_STEP_NUM_NODES or GROUP_WORLD_SIZE, else 1)',
  },
  tensorParallelSize: {
    name: 'tensor-parallel-size',
    short: '-tp',
    group: 'Ranks',
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 1,
    placeholder: 'N',
    help: 'Devices of a rank: N x the pipeline-parallel size of them are its {devices}',
  },
  pipelineParallelSize: {
    name: 'pipeline-parallel-size',
    short: '-pp',
    group: 'Ranks',
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 1,
    placeholder: 'N',
    help: 'See --tensor-parallel-size',
  },
  deviceIds: {
    name: 'device-ids',
    group: 'Ranks',
    type: 'list',
    placeholder: 'A,B,...',
    help: 'Devices to deal out, by number within an inherited mask, or by name (default: 0,1,2,...)',
  },
  devices: {
    name: 'devices',
    group: 'Ranks',
    type: 'choice',
    choices: ['auto', 'ids', 'mask', 'none'],
    default: 'auto',
    placeholder: 'HOW',
    help: "How a rank learns of its devices: by its engine's own option, by a mask such as CUDA_VISIBLE_DEVICES, or not at all",
  },
  engine: {
    name: 'engine',
    group: 'Ranks',
    type: 'choice',
    choices: ['auto', ...ENGINE_NAMES],
    default: 'auto',
    placeholder: 'NAME',
    help: 'Whose command line COMMAND is; auto: the one that it looks like',
  },
  autoPorts: {
    name: 'auto-ports',
    group: 'Ranks',
    type: 'flag',
    help: 'Gives each rank ids, ports and folders of its own where ranks on this host would share them',
  },
  env: {
    name: 'env',
    group: 'Ranks',
    type: 'pairs',
    placeholder: 'NAME=VALUE',
    help: 'Variable for each rank, with placeholders; may be given again',
  },
  healthPath: {
    name: 'health-path',
    group: 'Probes',
    type: 'text',
    default: '/health',
    placeholder: 'PATH',
    help: 'Path of a rank that answers 200 when it can take traffic',
  },
  dpSupervisorProbeIntervalS: {
    name: 'dp-supervisor-probe-interval-s',
    group: 'Probes',
    type: 'seconds',
    min: MIN_INTERVAL,
    default: seconds(DEFAULT_POLICY.probeIntervalMs),
    placeholder: 'S',
    help: 'From one probe of a rank to the next, once the group was ready',
  },
  dpSupervisorProbeTimeoutS: {
    name: 'dp-supervisor-probe-timeout-s',
    group: 'Probes',
    type: 'seconds',
    min: MIN_INTERVAL,
    default: seconds(DEFAULT_POLICY.probeTimeoutMs),
    placeholder: 'S',
    help: 'How long a rank may take to answer a probe',
  },
  dpSupervisorProbeFailureThreshold: {
    name: 'dp-supervisor-probe-failure-threshold',
    group: 'Probes',
    type: 'integer',
    min: 1,
    max: LIMITS.failures,
    default: DEFAULT_POLICY.probeFailureThreshold,
    placeholder: 'N',
    help: 'Unanswered probes in a row that make a rank unhealthy, once the group was ready',
  },
  startupProbeIntervalS: {
    name: 'startup-probe-interval-s',
    group: 'Probes',
    type: 'seconds',
    min: MIN_INTERVAL,
    default: seconds(DEFAULT_POLICY.startupProbeIntervalMs),
    placeholder: 'S',
    help: 'From one probe of a rank to the next, until the group was ready for the first time',
  },
  startupTimeout: {
    name: 'startup-timeout',
    group: 'Probes',
    type: 'seconds',
    min: 0,
    default: 0,
    placeholder: 'S',
    help: 'How long the group may take to become ready for the first time; 0: as long as it likes',
  },
  drainDelay: {
    name: 'drain-delay',
    group: 'Stopping',
    type: 'seconds',
    min: 0,
    default: seconds(DEFAULT_POLICY.drainDelayMs),
    placeholder: 'S',
    help: 'From "not ready" to the first signal, when a ready group is asked to stop',
  },
  stopSignal: {
    name: 'stop-signal',
    group: 'Stopping',
    type: 'choice',
    choices: STOP_SIGNALS,
    default: DEFAULT_POLICY.stopSignal,
    placeholder: 'SIGNAL',
    help: 'What asks the ranks to leave after a failure; a signal that came is passed on as it came',
  },
  shutdownTimeout: {
    name: 'shutdown-timeout',
    group: 'Stopping',
    type: 'seconds',
    min: 0,
    default: seconds(DEFAULT_POLICY.shutdownTimeoutMs),
    placeholder: 'S',
    help: 'How long a rank may take to finish its requests after the signal',
  },
  exitGrace: {
    name: 'exit-grace',
    group: 'Stopping',
    type: 'seconds',
    min: 0,
    default: seconds(DEFAULT_POLICY.exitGraceMs),
    placeholder: 'S',
    help: 'On top of the shutdown timeout, before SIGKILL',
  },
  dataParallelSupervisorPort: {
    name: 'data-parallel-supervisor-port',
    group: 'Supervisor',
    type: 'integer',
    min: 0,
    max: 65_535,
    default: 9_256,
    placeholder: 'N',
    help: "The supervisor's own HTTP port; 0: any free one, told in the log",
  },
  sslKeyfile: {
    name: 'ssl-keyfile',
    group: 'Supervisor',
    type: 'text',
    placeholder: 'FILE',
    help: 'Key for HTTPS; the ranks are then probed over https as well, without verification',
  },
  sslCertfile: {
    name: 'ssl-certfile',
    group: 'Supervisor',
    type: 'text',
    placeholder: 'FILE',
    help: 'Certificate for HTTPS',
  },
  sslCaCerts: {
    name: 'ssl-ca-certs',
    group: 'Supervisor',
    type: 'text',
    placeholder: 'FILE',
    help: 'Certificate authorities of the HTTPS listener',
  },
  logFormat: {
    name: 'log-format',
    group: 'Logs',
    type: 'choice',
    choices: ['prefix', 'json', 'raw'],
    default: 'prefix',
    placeholder: 'FORMAT',
    help: "Ranks' output: each line behind its rank, as one JSON object, or as it comes",
  },
  logFlushTimeout: {
    name: 'log-flush-timeout',
    group: 'Logs',
    type: 'seconds',
    min: 0.1,
    default: 5,
    placeholder: 'S',
    help: 'How long output that nobody takes is waited for, once the ranks are gone',
  },
  logDir: {
    name: 'log-dir',
    group: 'Logs',
    type: 'text',
    placeholder: 'DIR',
    help: "Writes each rank's output to DIR/rank-N.log as well",
  },
  logMaxMb: {
    name: 'log-max-mb',
    group: 'Logs',
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 64,
    placeholder: 'N',
    help: 'Megabytes after which such a file becomes rank-N.log.1, and that one rank-N.log.2; 0: no bound',
  },
  logMaxFiles: {
    name: 'log-max-files',
    group: 'Logs',
    type: 'integer',
    min: 1,
    max: 1_000,
    default: 4,
    placeholder: 'N',
    help: 'How many of those older files are kept of each rank',
  },
  terminationLog: {
    name: 'termination-log',
    group: 'Logs',
    type: 'text',
    placeholder: 'FILE|none',
    help: "Where to leave why it ended, with a failed rank's last lines (default: /dev/termination-log where that can be written)",
  },
} as const satisfies OptionTable;

/** The checked options of a group. Durations are seconds. */
export type Settings = Values<typeof GROUP_OPTIONS>;

/** What the program does with a group's journal. A library's user subscribes to `journal$` instead. */
const JOURNAL_OPTIONS = {
  journal: {
    name: 'journal',
    group: 'Journal',
    type: 'text',
    placeholder: 'FILE',
    help: 'Record every fact and every command there; what an earlier run left is kept as FILE.previous',
  },
  journalMaxMb: {
    name: 'journal-max-mb',
    group: 'Journal',
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 64,
    placeholder: 'N',
    help: 'Megabytes that FILE may take; beyond, it keeps the beginning and the newest part; 0: no bound',
  },
  journalOnFailure: {
    name: 'journal-on-failure',
    group: 'Journal',
    type: 'text',
    placeholder: 'DIR|none',
    help: 'Where a group that fails without --journal leaves its last entries, and SIGUSR2 too (default: the temporary directory)',
  },
} as const satisfies OptionTable;

export type JournalSettings = Values<typeof JOURNAL_OPTIONS>;

/** What the program does about ports that are taken. A library's user looks after its own. */
const PORT_OPTIONS = {
  reclaimPorts: {
    name: 'reclaim-ports',
    group: 'Supervisor',
    type: 'flag',
    help: "End whoever holds the supervisor's port or that of a rank, when it is of the same user, and say whom",
  },
} as const satisfies OptionTable;

export type PortSettings = Values<typeof PORT_OPTIONS>;

const COMMON_OPTIONS = {
  help: { name: 'help', short: '-h', group: 'Other', type: 'flag', commandLineOnly: true, help: 'Print this' },
  version: { name: 'version', group: 'Other', type: 'flag', commandLineOnly: true, help: 'Print the version' },
} as const satisfies OptionTable;

const FILE_OPTION = {
  config: {
    name: 'config',
    group: 'Supervisor',
    type: 'text',
    placeholder: 'FILE',
    help: 'YAML or JSON file with the same names as the options',
  },
} as const satisfies OptionTable;

const JSON_OPTION = {
  json: { name: 'json', group: 'Other', type: 'flag', commandLineOnly: true, help: 'Print JSON' },
} as const satisfies OptionTable;

export const RUN_OPTIONS = {
  ...GROUP_OPTIONS,
  ...JOURNAL_OPTIONS,
  ...PORT_OPTIONS,
  ...FILE_OPTION,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

export const PLAN_OPTIONS = { ...RUN_OPTIONS, ...JSON_OPTION } as const satisfies OptionTable;

export const STATUS_OPTIONS = {
  url: {
    name: 'url',
    group: 'Status',
    type: 'text',
    placeholder: 'URL',
    help: 'Where the supervisor listens (default: on this host); the certificate of an https one is not verified',
  },
  dataParallelSupervisorPort: {
    ...GROUP_OPTIONS.dataParallelSupervisorPort,
    min: 1,
    group: 'Status',
    help: 'Port of a supervisor on this host, where there is no --url',
  },
  ...JSON_OPTION,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** Those of any group, with a few other defaults. */
export const DEMO_OPTIONS = {
  ...RUN_OPTIONS,
  host: { ...RUN_OPTIONS.host, default: '127.0.0.1' },
  dataParallelSize: { ...RUN_OPTIONS.dataParallelSize, default: 4 },
  shutdownTimeout: { ...RUN_OPTIONS.shutdownTimeout, default: 10 },
  engine: { ...RUN_OPTIONS.engine, default: 'generic' },
  devices: { ...RUN_OPTIONS.devices, default: 'none' },
} as const satisfies OptionTable;

export const ENGINE_OPTIONS = {
  host: { ...GROUP_OPTIONS.host, default: '127.0.0.1', group: 'Engine', help: 'Address to listen on' },
  port: { ...GROUP_OPTIONS.port, min: 0, group: 'Engine', help: 'Port to listen on; 0: any free one' },
  model: {
    name: 'model',
    group: 'Engine',
    type: 'text',
    default: 'demo',
    placeholder: 'NAME',
    help: 'Name of the model it pretends to serve',
  },
  startupDelay: {
    name: 'startup-delay',
    group: 'Engine',
    type: 'seconds',
    min: 0,
    default: 0,
    placeholder: 'S',
    help: 'How long it pretends to load the model',
  },
  tokensPerSecond: {
    name: 'tokens-per-second',
    group: 'Engine',
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 50,
    placeholder: 'N',
    help: 'How fast it writes',
  },
  shutdownTimeout: {
    ...GROUP_OPTIONS.shutdownTimeout,
    group: 'Engine',
    default: 30,
    help: 'How long requests may take to finish after SIGTERM',
  },
  sslKeyfile: { ...GROUP_OPTIONS.sslKeyfile, group: 'Engine', help: 'Key for HTTPS' },
  sslCertfile: { ...GROUP_OPTIONS.sslCertfile, group: 'Engine', help: 'Certificate for HTTPS' },
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** Only what is typed counts: a replay is a question of one moment. */
export const REPLAY_OPTIONS = {
  set: {
    name: 'set',
    group: 'What if',
    type: 'pairs',
    commandLineOnly: true,
    placeholder: 'NAME=VALUE',
    help: 'Replays under another policy as well, for example probe-failure-threshold=5; may be given again',
  },
  from: {
    name: 'from',
    group: 'Picture',
    type: 'seconds',
    min: 0,
    commandLineOnly: true,
    placeholder: 'S',
    help: 'Draws nothing that was before, in seconds since the start',
  },
  to: {
    name: 'to',
    group: 'Picture',
    type: 'seconds',
    min: 0,
    commandLineOnly: true,
    placeholder: 'S',
    help: 'Draws nothing that was after, in seconds since the start',
  },
  rank: {
    name: 'rank',
    group: 'Picture',
    type: 'list',
    commandLineOnly: true,
    placeholder: 'R,R,...',
    help: 'Draws only these ranks, for example 0,4-7',
  },
  svg: {
    name: 'svg',
    group: 'Picture',
    type: 'text',
    commandLineOnly: true,
    placeholder: 'FILE',
    help: 'Writes the picture as SVG',
  },
  html: {
    name: 'html',
    group: 'Picture',
    type: 'text',
    commandLineOnly: true,
    placeholder: 'FILE',
    help: 'Writes the picture as a page to look at',
  },
  save: {
    name: 'save',
    group: 'Scenario',
    type: 'text',
    commandLineOnly: true,
    placeholder: 'FILE.marble',
    help: 'Writes the recording as a scenario, to be kept as a test',
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;
