// Two ranks of a real vLLM, behind dp-supervisor or behind vLLM's own supervisor, for the test and for the figures.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childrenOf, nameOf, read } from '../../proc.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const venv = `${root}.engines/vllm/venv/bin`;
export const PROGRAM = `${root}dist/cli/main.js`;
export const PYTHON = `${venv}/python`;
/** Ports of loopback that nobody else is expected on: the supervisor's, then those of the two ranks. */
export const SUPERVISOR_PORT = 18_600;
export const PORTS = [18_601, 18_602] as const;
const RPC_PORT = 18_650;

/** Longest times, on two busy cores. */
const READY_MS = 300_000;
const GONE_MS = 120_000;

/** Small, quiet and without a network. */
const ENVIRONMENT = {
  HF_HUB_OFFLINE: '1',
  VLLM_NO_USAGE_STATS: '1',
  DO_NOT_TRACK: '1',
  OMP_NUM_THREADS: '1',
  VLLM_CPU_KVCACHE_SPACE: '1',
  VLLM_CPU_OMP_THREADS_BIND: 'nobind',
  VLLM_HOST_IP: '127.0.0.1',
  DPS_TERMINATION_LOG: 'none',
};

/** The command line of vLLM's own supervisor: the very same words go behind dp-supervisor. */
export const GROUP = [
  ...['vllm', 'serve', `${root}.engines/vllm/experts`, '--served-model-name', 'tiny', '--host', '127.0.0.1'],
  ...['--data-parallel-size', '2', '--data-parallel-size-local', '2', '--data-parallel-multi-port-external-lb'],
  ...['--data-parallel-supervisor-port', String(SUPERVISOR_PORT), '--port', String(PORTS[0])],
  ...['--data-parallel-address', '127.0.0.1', '--data-parallel-rpc-port', String(RPC_PORT)],
  ...['--enforce-eager', '--max-model-len', '1024', '--max-num-seqs', '8', '--shutdown-timeout', '30'],
];

/** A supervisor with its two ranks. Times are milliseconds of `performance.now()`. */
export interface Group {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly startedAt: number;
  readonly exited: Promise<number | NodeJS.Signals | null>;
  /** All of its output so far. */
  said(): string;
}

/** A process, by its number and by when it was started: a number is given anew. */
export interface Member {
  readonly pid: number;
  readonly born: string | null;
}

/** Starts a command; its output goes to a file. */
export function start([program = '', ...words]: readonly string[], log: string): Group {
  const output = openSync(log, 'w');
  const startedAt = performance.now();
  const child = spawn(program, words, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...ENVIRONMENT, PATH: `${venv}:${process.env['PATH']}` },
  });
  closeSync(output);
  const exited = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  return { pid: child.pid ?? NaN, startedAt, exited, child, said: () => readFileSync(log, 'utf8') };
}

/** Resolves with the time at which the supervisor says for the first time that the group is ready. */
export async function ready({ child }: Group): Promise<number> {
  const until = performance.now() + READY_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${SUPERVISOR_PORT}/health`).catch(() => null);
    await answer?.text();
    if (answer?.status === 200) return performance.now();
    await delay(20);
  }
  throw new Error('the group did not become ready');
}

/** Everybody beneath a process, and the process itself. */
export function family(pid: number): readonly Member[] {
  return [pid, ...descendants(pid)].map((member) => ({ pid: member, born: bornAt(member) }));
}

/** Those of a family that are still there. */
export function living(members: readonly Member[]): readonly Member[] {
  return members.filter(({ pid, born }) => born !== null && bornAt(pid) === born && statOf(pid)?.[0] !== 'Z');
}

/** Resolves with the time at which nobody of a family is there any more. */
export async function gone(members: readonly Member[], limitMs = GONE_MS): Promise<number> {
  const until = performance.now() + limitMs;
  while (living(members).length > 0) {
    if (performance.now() > until) {
      throw new Error(
        `left: ${living(members)
          .map(({ pid }) => `${nameOf(pid)} (${pid})`)
          .join(', ')}`,
      );
    }
    await delay(5);
  }
  return performance.now();
}

/** The process in which the engine of a rank runs. */
export function engineOf(members: readonly Member[], rank: number): number {
  const engine = members.find(({ pid }) => read(`/proc/${pid}/cmdline`).startsWith(`VLLM::EngineCore_DP${rank}`));
  if (engine === undefined) throw new Error(`there is no engine of rank ${rank}`);
  return engine.pid;
}

/** The process that answers the requests of a rank: the one from which its engine comes. */
export function serverOf(members: readonly Member[], rank: number): number {
  return Number(statOf(engineOf(members, rank))?.[1]);
}

/** A long completion, streamed: whether it came to its own end. */
export async function complete(port: number, tokens: number) {
  const response = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt: 'hello', max_tokens: tokens, ignore_eos: true, stream: true }),
  });
  const text = await response.text();
  return { status: response.status, finished: text.includes('"finish_reason":"length"') && text.includes('[DONE]') };
}

function descendants(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function bornAt(pid: number): string | null {
  return statOf(pid)?.[19] ?? null;
}

/** Fields of /proc/PID/stat behind the name, which may hold blanks; null when there is no such process. */
function statOf(pid: number): readonly string[] | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
