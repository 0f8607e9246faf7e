// Real processes of a test: announced, waited for, and ended by pid when the test is over, also when it fails.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, vi } from 'vitest';
import { carriersOf, end, stateOf } from './proc.ts';

export { childrenOf, end, stateOf } from './proc.ts';

/** What the kernel brings about, it brings about soon; on a busy machine, a little later. */
const PATIENTLY = { timeout: 5_000, interval: 5 };

/** A variable that all descendants inherit: neither a session of its own nor another parent hides a process. */
export interface Mark {
  readonly env: Readonly<Record<string, string>>;
  /** The pids of all processes that carry it now. A zombie has no environment any more. */
  living(): readonly number[];
}

/** @param atEnd when all of them are ended; for a whole file, `afterAll` */
export function mark(atEnd: (end: () => Promise<void>) => void = onTestFinished): Mark {
  const name = 'TEST_MARK';
  const value = randomUUID();
  const living = () => carriersOf(`${name}=${value}`);
  atEnd(() =>
    vi.waitFor(() => {
      const left = living();
      for (const pid of left) end(pid);
      expect(left).toEqual([]);
    }, PATIENTLY),
  );
  return { env: { [name]: value }, living };
}

export interface Running {
  readonly pid: number;
  /** All lines so far, of either stream. */
  readonly lines: readonly string[];
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The first line that matches, now or later. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  write(text: string): void;
  /** Its status, or the signal that ended it, once its output has been read as well. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts a program under a mark. */
export function run({ env }: Mark, program: string, ...words: readonly string[]): Running {
  // The test runner's wishes for colour are not a user's, and Node warns on standard error of two that contradict.
  const inherited = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: undefined };
  const child = spawn(program, words, { env: { ...inherited, ...env } });
  const texts = { stdout: '', stderr: '' };
  const lines: string[] = [];
  const looks = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    let begun = '';
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      const whole = (begun + text).split(/\r?\n/);
      begun = whole.pop() ?? '';
      lines.push(...whole);
      for (const look of looks) look();
    });
  }
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? NaN));
  });

  return { pid: child.pid ?? NaN, lines, line, ended, stdout: () => texts.stdout, stderr: () => texts.stderr, write };

  function line(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(giveUp, 15_000);
      looks.add(look);
      look();
      ended.then(giveUp, reject);

      function look(): void {
        const match = lines.map((text) => pattern.exec(text)).find((found) => found !== null);
        if (match) settle(() => resolve(match));
      }
      function giveUp(): void {
        settle(() => reject(new Error(`${pattern} is not among:\n${lines.join('\n')}`)));
      }
      function settle(result: () => void): void {
        clearTimeout(limit);
        looks.delete(look);
        result();
      }
    });
  }

  function write(text: string): void {
    child.stdin.write(text);
  }
}

/** Waits until a process is stopped, or a zombie. */
export async function untilState(pid: number, state: 'T' | 'Z'): Promise<void> {
  await vi.waitFor(() => expect(stateOf(pid)).toBe(state), PATIENTLY);
}

/** Waits until a process has left. A zombie has, even if its parent takes its time to notice. */
export async function untilGone(...all: readonly number[]): Promise<void> {
  for (const pid of all) await vi.waitFor(() => expect(stateOf(pid) ?? 'Z').toBe('Z'), PATIENTLY);
}
