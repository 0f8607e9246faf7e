import { expect, test } from 'vitest';
import { ageOf, hasProcessTable, readProcessTable, startTimeOf } from '../../src/drivers/process-table.ts';
import { MARK_NAME } from '../../src/drivers/mark.ts';
import { livingTree } from '../../src/drivers/trees.ts';
import { end, mark, run, untilGone, untilState } from '../processes.ts';

test('Linux has a process table', () => {
  expect(hasProcessTable).toBe(process.platform === 'linux');
});

test('a process is told with its parent, its group and its session', async () => {
  const leader = run(mark(), 'setsid', 'sh', '-c', 'sleep 60 & echo child $!; wait');
  const child = Number((await leader.line(/child (\d+)/))[1]);
  const [group, session] = [leader.pid, leader.pid];
  const tree = treeOf(leader.pid);
  expect(tree).toHaveLength(2);
  expect(tree).toContainEqual(expect.objectContaining({ pid: leader.pid, parent: process.pid, group, session }));
  expect(tree).toContainEqual(expect.objectContaining({ pid: child, parent: leader.pid, group, session }));
});

test('a name full of blanks and parentheses does not lead astray', async () => {
  const leader = run(mark(), 'setsid', 'perl', '-e', '$| = 1; $0 = ") Z 1 1 1 ("; print "named\\n"; sleep 60');
  await leader.line(/named/);
  const [group, session] = [leader.pid, leader.pid];
  expect(treeOf(leader.pid)).toMatchObject([{ pid: leader.pid, parent: process.pid, group, session, zombie: false }]);
});

test('descendants are found through their parents, however deep and in whatever session', async () => {
  const family = mark();
  const leader = run(
    family,
    ...['setsid', 'sh', '-c', `setsid sh -c 'setsid sh -c "echo deepest \\$\\$; sleep 60; :"; :' & wait`],
  );
  await leader.line(/deepest/);
  const found = treeOf(leader.pid).map(({ pid }) => pid);
  // The last shell may not have started its sleep yet, or may have by now.
  expect(family.living()).toEqual(expect.arrayContaining(found));
  expect(found.length).toBeGreaterThanOrEqual(3);
});

test('zombies are left out, and so are the processes of others', async () => {
  const family = mark();
  const leader = run(family, 'setsid', 'perl', '-e', '$| = 1; $z = fork || exit; print "zombie $z\\n"; sleep 60');
  const neighbour = run(family, 'setsid', 'sleep', '60');
  const zombie = Number((await leader.line(/zombie (\d+)/))[1]);
  await untilState(zombie, 'Z');
  expect(treeOf(leader.pid).map(({ pid }) => pid)).toEqual([leader.pid]);
  end(leader.pid);
  await untilGone(leader.pid);
  expect(treeOf(leader.pid)).toEqual([]);
  expect(family.living()).toEqual([neighbour.pid]);
});

test('a mark is found in whoever inherited it, and looked for in nobody who is older', async () => {
  const family = mark();
  const marked = { ...family, env: { ...family.env, [MARK_NAME]: 'group-7' } };
  const leader = run(marked, 'setsid', 'sh', '-c', 'setsid sh -c "echo daemon \\$\\$; exec sleep 60" &');
  const daemon = Number((await leader.line(/daemon (\d+)/))[1]);
  await untilGone(leader.pid);
  const since = startTimeOf(daemon) ?? NaN;
  const markOf = (search: { mark: string; since: number }) =>
    readProcessTable(search)?.find(({ pid }) => pid === daemon)?.mark;
  expect(markOf({ mark: 'group-', since })).toBe('group-7');
  expect(markOf({ mark: 'another-', since })).toBeNull();
  expect(markOf({ mark: 'group-', since: since + 1 })).toBeNull();
});

test('how long a process has been there is told in seconds', () => {
  const self = readProcessTable()?.find(({ pid }) => pid === process.pid);
  expect(self && Math.abs(ageOf(self) - process.uptime())).toBeLessThan(1);
});

function treeOf(leader: number) {
  return livingTree({ leader, mark: '' }, readProcessTable() ?? []);
}
