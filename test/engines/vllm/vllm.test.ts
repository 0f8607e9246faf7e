import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  complete,
  engineOf,
  family,
  gone,
  GROUP,
  type Group,
  living,
  PORTS,
  PROGRAM,
  PYTHON,
  ready,
  start,
} from './group.ts';

// Two ranks of a real vLLM with a tiny model of random weights, on the processor; each test starts them anew.

const SLOW_MS = 600_000;
const DENSE = fileURLToPath(new URL('../../../.engines/vllm/dense', import.meta.url));
const recorded = (name: string) => fileURLToPath(new URL(name, import.meta.url));

let folder = '';
let group: Group;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'dps-vllm-'))));
afterEach(async () => {
  if (group.child.exitCode === null) group.child.kill('SIGTERM');
  await group.exited;
  rmSync(folder, { recursive: true });
}, SLOW_MS);

async function untilReady(...words: string[]) {
  const journal = join(folder, 'journal.ndjson');
  group = start([process.execPath, PROGRAM, '--journal', journal, ...words], join(folder, 'log'));
  await ready(group);
  return { members: family(group.pid), journal };
}

const verdict = () => group.said().trimEnd().split('\n').at(-1);
const replay = (journal: string) =>
  execFileSync(process.execPath, [PROGRAM, 'replay', journal], { encoding: 'utf8' }).trimEnd().split('\n').at(-1);

it(
  'both ranks complete a text; stopped under load, no request is cut, and the journal replays the same',
  { timeout: SLOW_MS },
  async () => {
    const { members, journal } = await untilReady(...GROUP);
    expect(await Promise.all(PORTS.map((port) => complete(port, 8)))).toEqual(
      PORTS.map(() => ({ status: 200, finished: true })),
    );
    const requests = [...PORTS, ...PORTS, ...PORTS].map((port) => complete(port, 600));
    await delay(1_000); // they are being answered by now
    group.child.kill('SIGTERM');
    expect(await Promise.all(requests)).toEqual(requests.map(() => ({ status: 200, finished: true })));
    expect(await group.exited).toBe(0);
    expect(verdict()).toBe('dp-supervisor: exit status 0: SIGTERM was received');
    expect(living(members)).toEqual([]);
    expect(replay(journal)).toMatch(/^the same: /);
  },
);

it('an engine that is killed takes the group with it: 4, and nobody is left', { timeout: SLOW_MS }, async () => {
  const { members, journal } = await untilReady(...GROUP);
  process.kill(engineOf(members, 1), 'SIGKILL');
  expect(await group.exited).toBe(4);
  expect(verdict()).toMatch(/^dp-supervisor: exit status 4: rank 1 /);
  await gone(members, 1_000);
  expect(replay(journal)).toMatch(/^the same: /);
});

it('independent servers of a dense model stand side by side', { timeout: SLOW_MS }, async () => {
  const words = ['--engine', 'vllm-independent', '--auto-ports', ...GROUP].map((word) =>
    word.endsWith('/experts') ? DENSE : word,
  );
  const { members } = await untilReady(...words);
  expect(await Promise.all(PORTS.map((port) => complete(port, 8)))).toEqual(
    PORTS.map(() => ({ status: 200, finished: true })),
  );
  group.child.kill('SIGTERM');
  expect(await group.exited).toBe(0);
  expect(living(members)).toEqual([]);
});

it('its parser makes of command lines what is recorded', { timeout: SLOW_MS }, () => {
  group = start([process.execPath, '--eval', '0'], join(folder, 'log'));
  const made = execFileSync(PYTHON, [recorded('record_parser.py')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(made).toBe(readFileSync(recorded('../../adapters/parsed-by-vllm.ndjson'), 'utf8'));
});
