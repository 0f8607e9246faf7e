import { existsSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { groupCgroups } from '../../src/drivers/cgroups.ts';
import { type Guardian, guardian } from '../../src/drivers/guardian.ts';
import { groupMark, MARK_NAME } from '../../src/drivers/mark.ts';
import { startTimeOf } from '../../src/drivers/process-table.ts';
import { hasCgroups, WITHOUT_CGROUPS } from '../cgroups.ts';
import { childrenOf, end, type Mark, mark, run, type Running, stateOf, untilGone } from '../processes.ts';

test('what is held is ended with its whole group when the pipe ends', async () => {
  const { guard, family } = underTest();
  const leader = await group(family);
  guard.hold(leader.pid, startTimeOf(leader.pid));
  await guard.dismissed();
  expect(await leader.ended).toBe('SIGKILL');
  expect(family.living()).toEqual([]);
});

test('a group whose leader has left is ended', async () => {
  const { guard, family } = underTest();
  const leader = await group(family);
  guard.hold(leader.pid, startTimeOf(leader.pid));
  end(leader.pid);
  await untilGone(leader.pid);
  expect(family.living()).toHaveLength(1);
  await guard.dismissed();
  await vi.waitFor(() => expect(family.living()).toEqual([]), 5_000);
});

test('what was released is left alone', async () => {
  const { guard, family } = underTest();
  const [ours, theirs] = [await group(family), await group(family)];
  guard.hold(theirs.pid, startTimeOf(theirs.pid));
  guard.hold(ours.pid, startTimeOf(ours.pid));
  guard.release(theirs.pid);
  await guard.dismissed();
  await ours.ended;
  expect(stateOf(theirs.pid)).toBe('S');
});

test('a number that has been given to somebody else is left alone', async () => {
  const { guard, family } = underTest();
  const stranger = await group(family);
  guard.hold(stranger.pid, (startTimeOf(stranger.pid) ?? NaN) - 1);
  await guard.dismissed();
  expect(stateOf(stranger.pid)).toBe('S');
});

test('a name full of blanks and parentheses does not lead astray', async () => {
  const { guard, family } = underTest();
  const leader = run(family, 'setsid', 'perl', '-e', '$| = 1; $0 = ") Z 1\n1 ("; print "named\\n"; sleep 60');
  await leader.line(/named/);
  guard.hold(leader.pid, startTimeOf(leader.pid));
  await guard.dismissed();
  expect(await leader.ended).toBe('SIGKILL');
});

test('who carries the mark is ended wherever it has gone, together with who was never told of', async () => {
  const { guard, family, marked } = underTest();
  const leader = run(marked, 'setsid', 'sh', '-c', 'setsid sh -c "sleep 60 & echo daemon" &');
  await leader.line(/daemon/);
  await untilGone(leader.pid);
  const untold = await group(marked);
  guard.hold(untold.pid + 1_000_000_000, null);
  await guard.dismissed();
  await untold.ended;
  expect(family.living()).toEqual([]);
});

test('who carries the mark is ended even when nothing has been told, and left alone when all was released', async () => {
  const { guard, family, marked } = underTest();
  const released = await group(marked);
  guard.hold(released.pid, startTimeOf(released.pid));
  guard.release(released.pid);
  await guard.dismissed();
  expect(stateOf(released.pid)).toBe('S');
  const program = `
    import { guardian } from ${JSON.stringify(new URL('../../src/drivers/guardian.ts', import.meta.url).href)};
    guardian({ mark: ${JSON.stringify(marked.env[MARK_NAME])}, cgroup: null }, () => undefined).watch();
    process.kill(process.pid, 'SIGKILL');
  `;
  const killed = run(family, process.execPath, '--import', 'tsx', '--input-type=module', '-e', program);
  expect(await killed.ended).toBe('SIGKILL');
  expect(await released.ended).toBe('SIGKILL');
});

test('who has not come to its mark at the first look is ended at the second', async () => {
  const { guard, family, marked } = underTest();
  const late = run(
    family,
    'sh',
    '-c',
    `echo up; read go; sleep 0.05; ${MARK_NAME}=${marked.env[MARK_NAME]} exec sleep 60`,
  );
  await late.line(/up/);
  guard.watch();
  guard.hold(late.pid + 1_000_000_000, null);
  late.write('\n');
  await guard.dismissed();
  expect(await late.ended).toBe('SIGKILL');
});

test.skipIf(!hasCgroups)(
  `who is in the cgroup is ended without a group or a mark, and it is removed${WITHOUT_CGROUPS}`,
  async () => {
    const mark = groupMark();
    const cgroups = groupCgroups(mark, [0]);
    const { guard, family } = underTest(mark, cgroups.folder);
    const [theirs, ours] = [await group(family), await group(family)];
    await cgroups.enter(0, ours.pid, () => []).entered;
    guard.watch();
    guard.hold(ours.pid + 1_000_000_000, null);
    await guard.dismissed();
    expect(await ours.ended).toBe('SIGKILL');
    expect(stateOf(theirs.pid)).toBe('S');
    expect(existsSync(cgroups.folder ?? '')).toBe(false);
  },
);

test('a guardian that cannot be started is missed, and stops nobody', async () => {
  const { guard, notices } = underTest('a\0mark');
  expect(() => guard.watch()).not.toThrow();
  guard.hold(process.pid, null);
  await guard.dismissed();
  expect(notices).toEqual([expect.stringContaining('no guardian could be started')]);
});

test('it stands apart: a session of its own, none of our directories and none of our variables', async () => {
  const { guard, family, notices } = underTest();
  vi.stubEnv('A_TEST_SECRET', 'secret');
  const leader = await group(family);
  guard.hold(leader.pid, startTimeOf(leader.pid));
  const pid = await pidOf();
  vi.unstubAllEnvs();
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  expect(stat.slice(2, 4)).toEqual([String(pid), String(pid)]);
  expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('secret');
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/status`, 'latin1')).toMatch(/^SigIgn:\t0*[1-9a-f]/m), 5_000);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.kill(pid, signal);
  await guard.dismissed();
  expect(stateOf(pid)).toBeNull();
  expect(await leader.ended).toBe('SIGKILL');
  expect(notices).toEqual([]);
});

test('nobody is started for nobody', async () => {
  const { guard, notices } = underTest();
  await guard.dismissed();
  expect(notices).toEqual([]);
});

test('another takes the place of a guardian that was ended, and is told of all that is held', async () => {
  const { guard, family, notices } = underTest();
  const leader = await group(family);
  guard.hold(leader.pid, startTimeOf(leader.pid));
  end(await pidOf());
  await vi.waitFor(() => expect(notices).toHaveLength(1), 5_000);
  expect(notices[0]).toBe('the guardian has left (SIGKILL); another takes its place');
  await guard.dismissed();
  expect(await leader.ended).toBe('SIGKILL');
});

test('a guardian is replaced only so often, and then missed', async () => {
  const { guard, notices } = underTest();
  guard.watch();
  for (let count = 1; count <= 4; count += 1) {
    end(await pidOf());
    await vi.waitFor(() => expect(notices).toHaveLength(count), 5_000);
  }
  expect(notices.at(-1)).toBe('nobody ends the ranks if this process is killed: the guardian has left (SIGKILL)');
  await guard.dismissed();
});

interface UnderTest {
  readonly guard: Guardian;
  readonly notices: readonly string[];
  readonly family: Mark;
  /** The family, with the mark that the guardian looks for. */
  readonly marked: Mark;
}

function underTest(value = groupMark(), cgroup: string | null = null): UnderTest {
  const family = mark();
  const notices: string[] = [];
  return {
    guard: guardian({ mark: value, cgroup }, (message) => notices.push(message)),
    notices,
    family,
    marked: { ...family, env: { ...family.env, [MARK_NAME]: `${value}0` } },
  };
}

/** A leader that is deaf to stop signals, with a worker. */
async function group(family: Mark): Promise<Running> {
  const leader = run(family, 'setsid', 'sh', '-c', 'trap "" TERM; sleep 60 & echo running; wait');
  await leader.line(/running/);
  return leader;
}

/** There is one at a time here. */
async function pidOf(): Promise<number> {
  const find = () =>
    childrenOf(process.pid).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('dp-supervisor-guardian'),
    );
  return vi.waitFor(() => find() ?? Promise.reject(new Error('there is no guardian')), 5_000);
}
