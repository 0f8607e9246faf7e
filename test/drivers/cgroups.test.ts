import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Cgroups, groupCgroups, NO_CGROUPS, type RankCgroup } from '../../src/drivers/cgroups.ts';
import { groupMark } from '../../src/drivers/mark.ts';
import { cgroupPathOf } from '../../src/drivers/own-cgroup.ts';
import { hasCgroups, WITHOUT_CGROUPS } from '../cgroups.ts';
import { end, type Mark, mark, run, type Running, untilGone } from '../processes.ts';

const withCgroups = test.skipIf(!hasCgroups);

withCgroups(`a rank is moved with whom it has started, and so is who came to us${WITHOUT_CGROUPS}`, async () => {
  const { family, cgroups } = underTest();
  const [rank, stranger] = [await pair(family), await pair(family)];
  const stray = run(family, 'sleep', '60');
  const cgroup = cgroups.enter(0, rank.leader.pid, () => [stray.pid]);
  await cgroup.entered;
  expect(cgroups.inUse()).toBe(true);
  expect([...cgroup.members()].sort()).toEqual([rank.leader.pid, rank.worker, stray.pid].sort());
  for (const pid of [stranger.leader.pid, stranger.worker]) {
    expect(cgroupPathOf(pid)).toBe(cgroupPathOf(process.pid));
  }
});

withCgroups(`all that is born in it is ended at once, and nobody else${WITHOUT_CGROUPS}`, async () => {
  const { family, cgroups } = underTest();
  const stranger = run(family, 'sleep', '60');
  const daemon = `setsid env -i sh -c 'sleep 60 & echo daemon $$; wait' &`;
  const leader = run(family, 'setsid', 'sh', '-c', `read go; ${daemon}`);
  const cgroup = cgroups.enter(0, leader.pid, () => []);
  await cgroup.entered;
  leader.write('\n');
  await leader.line(/daemon/);
  await untilGone(leader.pid);
  expect(cgroup.populated()).toBe(true);
  const members = cgroup.members();
  expect(members).toHaveLength(2);
  cgroup.kill();
  await untilGone(...members);
  expect(cgroup.populated()).toBe(false);
  expect(family.living()).toEqual([stranger.pid]);
});

withCgroups(
  `it is removed with what a rank has made in it, and stays while somebody lives${WITHOUT_CGROUPS}`,
  async () => {
    const { family, cgroups } = underTest();
    const leader = run(family, 'sleep', '60');
    const cgroup = cgroups.enter(0, leader.pid, () => []);
    await cgroup.entered;
    mkdirSync(join(cgroups.folder ?? '', 'rank-0', 'inner'));
    cgroup.remove();
    expect(cgroup.populated()).toBe(true);
    end(leader.pid);
    await vi.waitFor(() => expect(cgroup.populated()).toBe(false), 5_000);
    cgroup.remove();
    expect(existsSync(join(cgroups.folder ?? '', 'rank-0'))).toBe(false);
    expect(cgroup.members()).toEqual([]);
    cgroup.kill();

    const again = run(family, 'sleep', '60');
    const second = cgroups.enter(0, again.pid, () => []);
    await second.entered;
    expect(second.members()).toEqual([again.pid]);
  },
);

withCgroups(`who has left before it could be moved is no sign that nobody can be${WITHOUT_CGROUPS}`, async () => {
  const { family, cgroups } = underTest();
  const leader = run(family, 'true');
  await leader.ended;
  const cgroup: RankCgroup = cgroups.enter(0, leader.pid, () => []);
  await cgroup.entered;
  expect(cgroups.inUse()).toBe(true);
  expect(cgroup.populated()).toBe(false);
});

test('without cgroups nobody is there, and nothing happens', () => {
  const cgroup = NO_CGROUPS.enter(0, process.pid, () => []);
  cgroup.kill();
  expect([NO_CGROUPS.folder, NO_CGROUPS.inUse(), cgroup.populated(), cgroup.members()]).toEqual([
    null,
    false,
    false,
    [],
  ]);
});

function underTest(): { family: Mark; cgroups: Cgroups } {
  const cgroups = groupCgroups(groupMark(), [0]);
  onTestFinished(() =>
    vi.waitFor(() => {
      cgroups.remove();
      expect(existsSync(cgroups.folder ?? '')).toBe(false);
    }, 5_000),
  );
  return { family: mark(), cgroups };
}

/** A leader with a worker. */
async function pair(family: Mark): Promise<{ leader: Running; worker: number }> {
  const leader = run(family, 'setsid', 'sh', '-c', 'sleep 60 & echo worker $!; wait');
  return { leader, worker: Number((await leader.line(/worker (\d+)/))[1]) };
}
