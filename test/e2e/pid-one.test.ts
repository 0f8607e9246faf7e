import { spawnSync } from 'node:child_process';
import { existsSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cgroupPathOf, ownCgroup } from '../../src/drivers/own-cgroup.ts';
import { childrenOf, stateOf } from '../processes.ts';
import { NO_KOFFI, rank, supervisor, type Supervisor } from './supervisor.ts';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
/** A namespace of its own needs root, or a kernel that gives one to everybody. */
const UNSHARE = ['unshare', '--pid', '--fork', '--mount-proc'];
const hasNamespaces = spawnSync(UNSHARE[0] ?? '', [...UNSHARE.slice(1), 'true']).status === 0;
const hasTini = spawnSync('tini', ['--version']).status === 0;
/** Why a test that is skipped is skipped, behind its title. */
const unless = (there: boolean, what: string) => (there ? '' : ` (skipped: ${what})`);
const inNamespace = test.skipIf(!hasNamespaces);
const ROOT = unless(hasNamespaces, 'no PID namespace can be made here');

/** Leaves orphans behind that leave at once, ten times a second, and is else as good as any. */
const ORPHANS = [
  ...['perl', '-e'],
  `$| = 1; $SIG{TERM} = sub { print "left\\n"; exit };
   while (++$n) { fork or do { fork and exit; exit } for 1 .. 5; wait for 1 .. 5; print "round $n\\n"; select undef, undef, undef, 0.1 }`,
];

inNamespace.each(SIGNALS)(`as PID 1, it passes %s on and ends${ROOT}`, async (name) => {
  const group = await inside([], rank('obedient'));
  await group.untilReady();
  expect(childrenOf(group.first)).toHaveLength(2); // nobody guards: the kernel does
  process.kill(group.first, name);
  expect(await group.ended).toBe(0);
  expect(group.verdict()).toBe(`dp-supervisor: exit status 0: ${name} was received`);
});

inNamespace(`as PID 1, it reaps every orphan${ROOT}`, async () => {
  const group = await inside(['-dp', '1'], ORPHANS);
  await group.line(/found by .*orphans come to us \(as PID 1\)/);
  await group.line(/round 10$/);
  await vi.waitFor(() => expect(childrenOf(group.first).map(stateOf)).toEqual(['S']), 5_000);
  process.kill(group.first, 'SIGTERM');
  expect(await group.ended).toBe(0);
});

inNamespace(`as PID 1, it takes everybody with it when it is killed${ROOT}`, async () => {
  const group = await inside([], ['sh', '-c', '(setsid sleep 60 &); sleep 61']);
  await group.line(/found by/);
  removeCgroupsAtEnd(group.first);
  process.kill(group.first, 'SIGKILL');
  await vi.waitFor(() => expect(group.family.living()).toEqual([]), { timeout: 5_000, interval: 10 });
  await group.ended;
});

inNamespace(
  `as PID 1 without koffi, it says that it reaps nobody, and ends everybody all the same${ROOT}`,
  async () => {
    const daemon = `setsid sh -c 'trap "echo daemon told; exit" TERM; while :; do sleep 0.05; done' &`;
    const group = await inside(['-dp', '1'], ['sh', '-c', `(${daemon}); exec sleep 60`], [], ['--import', NO_KOFFI]);
    await group.line(/warning: PID 1, and without koffi or \/proc: orphans are not reaped; put an init/);
    process.kill(group.first, 'SIGTERM');
    await group.line(/daemon told/); // by us: the kernel ends the others with the first process without a word
    expect(await group.ended).toBe(0);
  },
);

test.skipIf(!hasNamespaces || !hasTini)(
  `behind tini it does the same${ROOT}${unless(hasTini, 'there is no tini here')}`,
  async () => {
    const group = await inside(['-dp', '1'], ORPHANS, ['tini', '--']);
    await group.line(/found by .*orphans come to us \(as subreaper\)/);
    await group.line(/round 10$/);
    const [program = NaN] = childrenOf(group.first);
    await vi.waitFor(() => expect(childrenOf(program).map(stateOf)).toEqual(['S', 'S']), 5_000);
    process.kill(group.first, 'SIGTERM');
    expect(await group.ended).toBe(0);
  },
);

/** Nobody is left inside to remove them, and there is no container with which they would go. */
function removeCgroupsAtEnd(first: number): void {
  const [rank = NaN] = childrenOf(first);
  const [name] = /dp-supervisor-[^/]+/.exec(cgroupPathOf(rank) ?? '') ?? [];
  if (name === undefined) return;
  const folder = join(ownCgroup() ?? '', name);
  const folders = [...['rank-0', 'rank-1'].map((each) => join(folder, each)), folder];
  onTestFinished(() => vi.waitFor(() => folders.filter(existsSync).forEach((each) => rmdirSync(each)), 5_000));
}

interface Inside extends Supervisor {
  /** PID 1 of the namespace, by the number that it has out here. */
  readonly first: number;
}

async function inside(
  options: readonly string[],
  command: readonly string[],
  init: readonly string[] = [],
  nodeOptions: readonly string[] = [],
): Promise<Inside> {
  const group = await supervisor({
    ...{ options, command },
    around: ([node = '', ...words]) => [...UNSHARE, ...init, node, ...nodeOptions, ...words],
  });
  const first = await vi.waitFor(() => childrenOf(group.pid)[0] ?? expect.fail('nobody is inside'), 5_000);
  return { ...group, first };
}
