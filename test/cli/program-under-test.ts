// The program as a user runs it: built, in a process of its own, with an environment that says nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** As many at once as a small machine can start while another test file does the same. */
const AT_ONCE = 2;
const waiting: (() => void)[] = [];
let running = 0;

export async function program(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await outcome(words, environment);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

async function outcome(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: child.exitCode, stdout, stderr };
}
