import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where the cgroup (version 2) of this process is as a folder; null where there is none. On a machine that has both
 * versions it is the one beside those of version 1.
 */
export function ownCgroup(): string | null {
  const path = cgroupPathOf(process.pid);
  try {
    return path === null ? null : cgroupFolder(path, readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return null;
  }
}

/** Which cgroup a process is in, as this namespace names it; null when it has left, or where there is no version 2. */
export function cgroupPathOf(pid: number): string | null {
  try {
    return /^0::(\/.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/**
 * The folder of a cgroup.
 *
 * @param mounts as `/proc/self/mountinfo`: a container may see only a part of the hierarchy, or see it elsewhere
 */
export function cgroupFolder(path: string, mounts: string): string | null {
  if (path.split('/').includes('..')) return null; // outside of what this namespace may see
  for (const mount of mounts.split('\n')) {
    const [left = '', right = ''] = mount.split(' - ');
    if (!right.startsWith('cgroup2 ')) continue;
    const [root = '', point = ''] = left.split(' ').slice(3).map(unescaped);
    const top = root === '/' ? '' : root;
    if (path === top || path.startsWith(`${top}/`)) return join(point, path.slice(top.length));
  }
  return null;
}

/** The kernel writes blanks and the like as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
