import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GroupStatus } from '../../src/http/status.ts';

// Runs examples/llama-server/run.sh, the file that a user copies, with a real server and a real model.

const root = fileURLToPath(new URL('../../', import.meta.url));
const { server, model } = JSON.parse(readFileSync(`${root}.engines/llama.json`, 'utf8')) as {
  server: string;
  model: string;
};
const PORT = 18_480;
const SUPERVISOR_PORT = 18_490;
const supervisor = `http://127.0.0.1:${SUPERVISOR_PORT}`;

/** Loading the model, and a completion on one thread of a busy machine. */
const SLOW_MS = 120_000;

let bin = '';
let example: ChildProcess;
let output = '';
let left: Promise<{ code: number | null }>;

beforeEach(async () => {
  bin = mkdtempSync(join(tmpdir(), 'dps-example-'));
  mkdirSync(join(bin, 'bin'));
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  symlinkSync(join(root, 'dist/cli/main.js'), join(bin, 'bin/dp-supervisor'));
  output = '';
  example = spawn(join(root, 'examples/llama-server/run.sh'), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: [join(bin, 'bin'), dirname(server), process.env['PATH']].join(':'),
      MODEL: model,
      PORT: String(PORT),
      SUPERVISOR_PORT: String(SUPERVISOR_PORT),
    },
  });
  example.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  example.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  left = new Promise((resolve) => example.once('close', (code) => resolve({ code })));
  await announced(/all 2 ranks are ready/);
}, SLOW_MS);

afterEach(async () => {
  example.kill('SIGTERM');
  await left;
  rmSync(bin, { recursive: true });
}, SLOW_MS);

describe('two ranks of a real llama.cpp server', () => {
  it(
    'both complete a text, and when one is killed the group leaves with status 4 and nothing behind',
    async () => {
      expect((await fetch(`${supervisor}/health`)).status).toBe(200);
      const texts = await Promise.all([complete(PORT), complete(PORT + 1)]);
      expect(texts.every((text) => text.length > 0)).toBe(true);

      const [first, second] = await pids();
      expect(alive(first)).toBe(true);
      process.kill(second, 'SIGKILL');

      expect(await left).toEqual({ code: 4 });
      expect(output).toContain('exit status 4: rank 1 was ended by SIGKILL after the group was ready');
      expect([alive(first), alive(second)]).toEqual([false, false]);
    },
    SLOW_MS,
  );

  it(
    'SIGTERM waits for its drain delay, so that a completion that is under way finishes, and the status is 0',
    async () => {
      const [first, second] = await pids();
      const underWay = complete(PORT, 64);
      await busy(PORT);
      example.kill('SIGTERM');

      expect((await underWay).length).toBeGreaterThan(0);
      expect(await left).toEqual({ code: 0 });
      expect(output).toContain('exit status 0: SIGTERM was received');
      expect([alive(first), alive(second)]).toEqual([false, false]);
    },
    SLOW_MS,
  );
});

async function complete(port: number, tokens = 8): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'The capital of France is', max_tokens: tokens, ignore_eos: true }),
  });
  expect(response.status).toBe(200);
  const { choices } = (await response.json()) as { choices: { text: string }[] };
  return choices[0]?.text ?? '';
}

/** Resolves once the server says that it works on something. */
async function busy(port: number): Promise<void> {
  for (;;) {
    const slots = (await (await fetch(`http://127.0.0.1:${port}/slots`)).json()) as { is_processing: boolean }[];
    if (slots.some((slot) => slot.is_processing)) return;
  }
}

async function pids(): Promise<[number, number]> {
  const { ranks } = (await (await fetch(`${supervisor}/status`)).json()) as GroupStatus;
  return [ranks[0]?.pid ?? NaN, ranks[1]?.pid ?? NaN];
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function announced(line: RegExp): Promise<void> {
  if (line.test(output)) return;
  await new Promise<void>((resolve, reject) => {
    example.stderr?.on('data', () => line.test(output) && resolve());
    void left.then(() => reject(new Error(`the example left before it said ${line.source}:\n${output}`)));
  });
}
