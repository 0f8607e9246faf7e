import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { descendantsOf } from './descendants.ts';
import { cgroupPathOf, ownCgroup } from './own-cgroup.ts';
import { hasProcessTable } from './process-table.ts';

/**
 * A cgroup (version 2) for a group, and one in it for each rank. Whatever a rank starts is born in its cgroup and stays
 * there, in whatever session, under whatever parent and name, and all of it can be ended at once.
 */
export interface Cgroups {
  /** That of the group, in which there is nobody but the ranks; null where none can be made. */
  readonly folder: string | null;
  /** Whether ranks are in theirs, as far as it has been tried. */
  inUse(): boolean;
  /**
   * Moves a rank into its own, with whom it has started by then.
   *
   * @param strays who belongs to it as well, asked for when the leader has been moved
   */
  enter(rank: number, leader: number, strays: () => readonly number[]): RankCgroup;
  /** When nobody is left. */
  remove(): void;
}

export interface RankCgroup {
  /** Resolves when the rank has been moved, or could not be. */
  readonly entered: Promise<void>;
  /** Whether anybody lives in it, or in one that a rank has made in it. */
  populated(): boolean;
  /** The pids of those in it. */
  members(): readonly number[];
  /** Ends everybody in it at once, whoever is being forked among them. */
  kill(): void;
  /** When nobody is left in it. */
  remove(): void;
}

export const NO_CGROUP: RankCgroup = {
  entered: Promise.resolve(),
  populated: () => false,
  members: () => [],
  kill: () => undefined,
  remove: () => undefined,
};

export const NO_CGROUPS: Cgroups = {
  folder: null,
  inUse: () => false,
  enter: () => NO_CGROUP,
  remove: () => undefined,
};

/** How often it is looked for whom the leader started before it was moved, and for whom they start meanwhile. */
const MOST_LOOKS = 10;

/**
 * Makes the cgroups of a group in our own, and nowhere else; all of them before the first rank is moved, because making one
 * waits for a move that is under way. There are none where cgroups can only be read, as in most containers, on kernels
 * before 5.14, which have no `cgroup.kill`, and without a process table of ours.
 *
 * @param mark what nobody else's is called by
 */
export function groupCgroups(mark: string, ranks: readonly number[]): Cgroups {
  const own = hasProcessTable ? ownCgroup() : null;
  if (own === null) return NO_CGROUPS;
  const folder = join(own, `dp-supervisor-${mark}ranks`);
  const placeOf = (rank: number) => join(folder, `rank-${rank}`);
  if (![folder, ...ranks.map(placeOf)].every(made)) {
    removeTree(folder);
    return NO_CGROUPS;
  }
  let refused = false;

  return { folder, inUse: () => !refused, enter, remove: () => removeTree(folder) };

  function enter(rank: number, leader: number, strays: () => readonly number[]): RankCgroup {
    const place = placeOf(rank);
    if (!made(place)) return NO_CGROUP; // a rank that is started again has none any more
    const entered = move(place, leader, strays).catch((error: NodeJS.ErrnoException) => {
      refused ||= !HAS_LEFT.has(error.code);
    });
    return rankCgroup(place, entered);
  }
}

/** It has left before it could be moved, or even its cgroup has been removed. */
const HAS_LEFT: ReadonlySet<string | undefined> = new Set(['ESRCH', 'ENOENT', 'ENODEV']);

function made(folder: string): boolean {
  try {
    if (!existsSync(folder)) mkdirSync(folder);
  } catch {
    return false;
  }
  return existsSync(join(folder, 'cgroup.kill'));
}

/**
 * The kernel takes up to 40 ms for the first move in a while (it waits for every processor), so the loop does not wait for
 * it. Others follow in no time, and are done in this turn: what has been seen a moment ago is still the same process.
 */
async function move(place: string, leader: number, strays: () => readonly number[]): Promise<void> {
  const members = join(place, 'cgroup.procs');
  await writeFile(members, String(leader)).catch((error: NodeJS.ErrnoException) => {
    if (!HAS_LEFT.has(error.code)) throw error; // who has left may have left somebody behind
  });
  const found = new Set([leader]);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    // In the direction in which they go: who loses its parent meanwhile is a stray by then.
    const kin = [...descendantsOf(leader), ...strays().flatMap((pid) => [pid, ...descendantsOf(pid)])];
    const fresh = kin.filter((pid) => !found.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      found.add(pid);
      if (cgroupPathOf(pid) === cgroupPathOf(process.pid)) moveNow(members, pid); // nobody is taken out of another
    }
  }
}

function moveNow(members: string, pid: number): void {
  try {
    writeFileSync(members, String(pid));
  } catch (error) {
    if (!HAS_LEFT.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}

function rankCgroup(place: string, entered: Promise<void>): RankCgroup {
  return {
    entered,
    populated: () => /^populated 1$/m.test(read(join(place, 'cgroup.events'))),
    members: () => pidsIn(place),
    kill() {
      try {
        writeFileSync(join(place, 'cgroup.kill'), '1');
      } catch {
        // It has been removed, or there is no file descriptor left; whoever can be found otherwise is ended one by one.
      }
    },
    remove: () => removeTree(place),
  };
}

function pidsIn(folder: string): readonly number[] {
  const listed = read(join(folder, 'cgroup.procs')).trim();
  return listed === '' ? [] : listed.split('\n').map(Number);
}

/** With those that a rank has made in its own. One in which somebody lives stays. */
function removeTree(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // The guardian, or whoever removes ours, tries again.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
