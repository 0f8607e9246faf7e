// The built program as a user replays with it, from a folder of the test's own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

export const PROGRAM = path('dist/cli/main.js');
export const JOURNAL = path('marbles/recorded/stalled-rank.ndjson');
export const SCENARIO = path('marbles/exit-after-ready.marble');

export const folder = mkdtempSync(join(tmpdir(), 'replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a user would see, and the status of the shell; null when it did not come to an end. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function replay(...words: readonly string[]): Outcome {
  return outcome(process.execPath, PROGRAM, 'replay', ...words);
}

/** Through a shell, in which `$REPLAY` begins the command line of a replay. */
export function shell(script: string, environment: Readonly<Record<string, string>> = {}): Outcome {
  return outcome(
    'env',
    `REPLAY=${process.execPath} ${PROGRAM} replay`,
    ...pairs(environment),
    'bash',
    '--norc',
    '-c',
    script,
  );
}

export function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

function outcome(program: string, ...words: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], DPS_SET: 'nonsense', DPS_FROM: 'nonsense' },
    timeout: 15_000,
  });
  return { status, stdout, stderr };
}

const pairs = (environment: Readonly<Record<string, string>>) =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}`);
