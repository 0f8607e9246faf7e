import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { killTree, signalTree, treeLives } from '../../src/drivers/kill.ts';
import { readProcessTable } from '../../src/drivers/process-table.ts';
import { livingTree } from '../../src/drivers/trees.ts';
import { end, type Mark, mark, run, type Running, stateOf, untilGone, untilState } from '../processes.ts';

test('a stop signal goes to the leader alone: its workers are its own business', async () => {
  const { leader, members } = await tree(mark());
  await stop(members.worker);
  signalTree(leader.pid, true, 'SIGTERM');
  expect(pending(members.worker)).not.toContain('SIGTERM');
  await untilGone(leader.pid);
});

test('once the leader has left, the rest of its group gets the signal', async () => {
  const { leader, members } = await tree(mark());
  await stop(members.worker);
  end(leader.pid);
  await untilGone(leader.pid);
  signalTree(leader.pid, false, 'SIGTERM');
  expect(pending(members.worker)).toContain('SIGTERM');
});

test('a signal to a tree that has gone is no error', async () => {
  const leader = run(mark(), 'setsid', 'true');
  await leader.ended;
  expect(() => signalTree(leader.pid, false, 'SIGTERM')).not.toThrow();
  expect(() => killTree(leader.pid, false, look(leader))).not.toThrow();
  expect(treeLives(leader.pid, look(leader)())).toBe(false);
});

test('a kill ends the leader, its group, whoever called setsid, and whoever is stopped', async () => {
  const family = mark();
  const { leader, members } = await tree(family);
  await stop(members.worker);
  expect(family.living()).toHaveLength(4);
  killTree(leader.pid, true, look(leader));
  await vi.waitFor(() => expect(family.living()).toEqual([]), 5_000);
  expect(await leader.ended).toBe('SIGKILL');
});

test('a kill after the death of the leader ends what is left of its group and of its session', async () => {
  const family = mark();
  const { leader, members } = await tree(family);
  end(leader.pid);
  await untilGone(leader.pid);
  // Whoever called setsid in time has no tie left to the leader but its mark, of which there is none here.
  end(members.stray);
  killTree(leader.pid, false, look(leader));
  await vi.waitFor(() => expect(family.living()).toEqual([]), 5_000);
});

test('a tree lives while anybody of its group or session does', async () => {
  const { leader, members } = await tree(mark());
  expect(treeLives(leader.pid, look(leader)())).toBe(true);
  for (const pid of [leader.pid, members.worker]) {
    end(pid);
    await untilGone(pid);
    expect(treeLives(leader.pid, look(leader)())).toBe(true);
  }
  end(members.job);
  await untilGone(members.job);
  expect(treeLives(leader.pid, look(leader)())).toBe(false);
});

test('zombies do not count as living', async () => {
  const family = mark();
  // A worker of the leader's group that is dead, and whose parent has left for a session of its own.
  const leader = run(
    family,
    ...['setsid', 'perl', '-MPOSIX', '-e'],
    '$| = 1; if (!fork) { $z = fork || exit; setsid; print "zombie $z parent $$\\n"; sleep 60 } <STDIN>',
  );
  const [, zombie, parent] = (await leader.line(/zombie (\d+) parent (\d+)/)).map(Number);
  await untilState(Number(zombie), 'Z');
  end(leader.pid);
  await untilGone(leader.pid);
  expect(() => process.kill(-leader.pid, 0)).not.toThrow();
  expect(treeLives(leader.pid, look(leader)())).toBe(false);
  expect(stateOf(Number(parent))).toBe('S');
});

test('without a process table a kill still ends the leader, its group and whoever called setsid', async () => {
  const family = mark();
  const { leader } = await tree(family);
  killTree(leader.pid, true, noTable);
  await vi.waitFor(() => expect(family.living()).toEqual([]), 5_000);
});

test('without a process table a kill after the death of the leader ends the rest of its group', async () => {
  const { leader, members } = await tree(mark());
  end(leader.pid);
  await untilGone(leader.pid);
  expect(treeLives(leader.pid, noTable())).toBe(true);
  killTree(leader.pid, false, noTable);
  await untilGone(members.worker);
});

/** A leader with a worker in its group, a job in a group of its own, and a stray in a session of its own. */
async function tree(family: Mark): Promise<Tree> {
  const leader = run(
    family,
    ...['setsid', 'sh', '-c'],
    `sleep 60 & echo worker $!
     perl -e 'setpgrp; print "job $$\\n"; exec "sleep", 60' &
     setsid sh -c 'echo stray $$; exec sleep 60' &
     exec sleep 60`,
  );
  const find = async (name: string) => Number((await leader.line(new RegExp(`^${name} (\\d+)$`)))[1]);
  return { leader, members: { worker: await find('worker'), job: await find('job'), stray: await find('stray') } };
}

interface Tree {
  readonly leader: Running;
  readonly members: { readonly worker: number; readonly job: number; readonly stray: number };
}

const look = (leader: Running) => () => livingTree({ leader: leader.pid, mark: '' }, readProcessTable() ?? []);
/** As it is where there is no /proc. */
const noTable = () => null;

/** A stopped process keeps the signals that it is sent, for everybody to see. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await untilState(pid, 'T');
}

function pending(pid: number): readonly string[] {
  const bits = BigInt(`0x${/^ShdPnd:\s+(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0'}`);
  const SIGTERM = 15n;
  return (bits >> (SIGTERM - 1n)) & 1n ? ['SIGTERM'] : [];
}
