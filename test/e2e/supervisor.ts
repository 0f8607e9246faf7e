// The program as a user starts it, over ranks of the test's choice.
import { freePorts } from '../loopback.ts';
import { type Mark, mark, run, type Running } from '../processes.ts';

const path = (relative: string) => new URL(relative, import.meta.url).pathname;

export const PROGRAM = path('../../dist/cli/main.js');

/** The embedded engine, which fails on request. */
export const ENGINE = [process.execPath, PROGRAM, 'engine', '--port', '{port}'];
/** A server that tells of each signal: obedient, deaf, or slow. */
export const rank = (manner: string) => [process.execPath, path('../fixtures/rank.mjs'), '{port}', manner];
/** For `--import`: a machine without the optional dependency. */
export const NO_KOFFI = path('../fixtures/no-koffi.mjs');
/** What never becomes ready, and starts in no time. */
export const SLEEP = ['sleep', '60'];

export interface Supervisor extends Running {
  /** Carried by the supervisor and by everything that comes of it. */
  readonly family: Mark;
  readonly url: string;
  rankUrl(rank: number): string;
  signal(name: NodeJS.Signals): void;
  untilReady(): Promise<void>;
  /** Its last line. */
  verdict(): string;
}

export interface SupervisorOptions {
  readonly options?: readonly string[];
  readonly command?: readonly string[];
  /** A command line around the program's own, for those who start it in another way. */
  readonly around?: (words: readonly string[]) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The first of the block of free ports; the supervisor's own, with those of the ranks behind it. */
  readonly port?: number;
}

/** Starts a supervisor of two ranks, obedient ones if nobody says otherwise, with probes in quick succession, on ports of its own. */
export async function supervisor({
  options = [],
  command = rank('obedient'),
  around = (words) => words,
  env = {},
  port: given,
}: SupervisorOptions = {}): Promise<Supervisor> {
  const family = mark();
  const port = given ?? (await freePorts());
  const [program = '', ...words] = around([
    ...[process.execPath, PROGRAM, '--host', '127.0.0.1', '-dp', '2', '--startup-probe-interval-s', '0.05'],
    ...['--data-parallel-supervisor-port', String(port), '--port', String(port + 1)],
    ...options,
    '--',
    ...command,
  ]);
  const running = run(
    { ...family, env: { DPS_JOURNAL_ON_FAILURE: 'none', DPS_TERMINATION_LOG: 'none', ...env, ...family.env } },
    program,
    ...words,
  );
  return {
    ...running,
    family,
    url: `http://127.0.0.1:${port}`,
    rankUrl: (number) => `http://127.0.0.1:${port + 1 + number}`,
    signal: (name) => void process.kill(running.pid, name),
    untilReady: async () => void (await running.line(/ranks are ready after/)),
    verdict: () => running.stderr().trimEnd().split('\n').at(-1) ?? '',
  };
}
