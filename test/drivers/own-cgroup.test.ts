import { expect, test } from 'vitest';
import { cgroupFolder } from '../../src/drivers/own-cgroup.ts';

const UNIFIED = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const HYBRID = [
  '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
  '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
  '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
].join('\n');
const PART = '612 600 0:26 /kubepods/pod1/c1 /sys/fs/cgroup ro - cgroup2 cgroup rw';

test.each([
  ['/', UNIFIED, '/sys/fs/cgroup'],
  ['/user.slice/app.scope', UNIFIED, '/sys/fs/cgroup/user.slice/app.scope'],
  ['/', HYBRID, '/sys/fs/cgroup/unified'],
  ['/kubepods/pod1/c1', PART, '/sys/fs/cgroup'],
  ['/kubepods/pod1/c1/inner', PART, '/sys/fs/cgroup/inner'],
  ['/a', UNIFIED.replace('/sys/fs/cgroup', '/with\\040blank'), '/with blank/a'],
])('the cgroup %s under these mounts is a folder: %s', (path, mounts, folder) => {
  expect(cgroupFolder(path, mounts)?.replace(/\/$/, '')).toBe(folder);
});

test.each([
  ['of another part of the hierarchy', '/kubepods/pod1/c10', PART],
  ['outside of the namespace', '/../other', UNIFIED],
  ['of a mount from outside of the namespace', '/', PART.replace('/kubepods/pod1/c1', '/../..')],
  ['where there is no version 2', '/', HYBRID.split('\n').slice(0, 2).join('\n')],
])('a cgroup %s has none', (_, path, mounts) => {
  expect(cgroupFolder(path, mounts)).toBeNull();
});
