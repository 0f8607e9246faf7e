import { type Cgroups, NO_CGROUP, NO_CGROUPS, type RankCgroup } from './cgroups.ts';
import {
  hasProcessTable,
  type ProcessEntry,
  type ProcessTable,
  readProcessTable,
  startTimeOf,
} from './process-table.ts';
import type { Subreaper } from './subreaper.ts';

/** What came of one rank: all that its leader started, directly or not. */
export interface Tree {
  readonly rank: number;
  /** Started as the leader of a session of its own; it may have left. */
  readonly leader: number;
  /** The value of its mark. */
  readonly mark: string;
}

/** The ways in which the processes of a group are found, from what this machine allows. */
export interface Trees {
  /** In one line, for the log and `/status`. */
  inWords(): string;
  /** A tree of the group is there from now on. */
  adopt(tree: Tree, startTime: number | null): void;
  /** Resolves when the first tree is there, and all that is in words has been tried on it. */
  readonly tried: Promise<void>;
  /** It has gone, and its number may be somebody else's from now on. */
  release(leader: number): void;
  /** All processes as they are now, for several looks at once; null when there is no way to know. */
  table(): ProcessTable | null;
  /** Every living process of a tree, the leader among them. */
  living(tree: Tree, table: ProcessTable): readonly ProcessEntry[];
  /** The cgroup of a tree; where it has none, one in which there is nobody. */
  cgroupOf(leader: number): RankCgroup;
  /** From now on orphans come to us: see {@link Subreaper}. */
  use(subreaper: Subreaper): void;
}

const WITHOUT_TABLE =
  process.platform === 'linux'
    ? 'their process groups: there is no /proc here that knows this process'
    : 'their process groups, and tree-kill at the end: there is no process table here';

/**
 * @param mark what the marks of the group begin with
 * @param cgroups in which its ranks are put
 */
export function trees(mark: string, cgroups: Cgroups = NO_CGROUPS): Trees {
  const leaders = new Map<number, RankCgroup>();
  let firstTried: (result: Promise<void>) => void;
  const tried = new Promise<void>((resolve) => (firstTried = resolve));
  let since = Infinity;
  let reaper: Subreaper | null = null;

  return {
    inWords() {
      if (!hasProcessTable) return WITHOUT_TABLE;
      return [
        ...(cgroups.inUse() ? ['its cgroup (ended by cgroup.kill), '] : []),
        ...(reaper === null ? [] : [`orphans come to us (${reaper.how}), and `]),
        'the process table (sessions, groups, parents and marks)',
      ].join('');
    },
    adopt({ rank, leader }, startTime) {
      since = Math.min(since, startTime ?? 0);
      const cgroup = cgroups.enter(rank, leader, strays);
      leaders.set(leader, cgroup);
      firstTried(cgroup.entered);
    },
    tried,
    release(leader) {
      cgroupOf(leader).remove();
      leaders.delete(leader);
    },
    table: () => readProcessTable({ mark, since }),
    living: (tree, table) => livingTree(tree, table, [...nobodys(table), ...inCgroup(tree, table)]),
    cgroupOf,
    use(subreaper) {
      reaper = subreaper;
    },
  };

  function cgroupOf(leader: number): RankCgroup {
    return leaders.get(leader) ?? NO_CGROUP;
  }

  function inCgroup({ leader }: Tree, table: ProcessTable): readonly ProcessEntry[] {
    const members = new Set(cgroupOf(leader).members());
    return members.size === 0 ? [] : table.filter(({ pid }) => members.has(pid));
  }

  /** Orphans by their pids, as {@link nobodys}; whoever was there before the group has nothing to do with it. */
  function strays(): readonly number[] {
    const orphans = reaper?.orphanPids() ?? [];
    return orphans.filter((pid) => (startTimeOf(pid) ?? 0) >= since);
  }

  /** Orphans whose environment says nothing any more, and who have left every session: they are everybody's. */
  function nobodys(table: ProcessTable): readonly ProcessEntry[] {
    const orphans = reaper?.orphans(table) ?? [];
    return orphans.filter(
      ({ mark, session, group, startTime }) =>
        mark === null && !leaders.has(session) && !leaders.has(group) && startTime >= since,
    );
  }
}

/**
 * The leader's session and group, whoever carries its mark, and all descendants of those, as long as their parents live.
 *
 * @param others who counts as its too, with descendants
 */
export function livingTree(
  { leader, mark }: Pick<Tree, 'leader' | 'mark'>,
  table: ProcessTable,
  others: readonly ProcessEntry[] = [],
): readonly ProcessEntry[] {
  const tree = new Map<number, ProcessEntry>(others.map((other) => [other.pid, other]));
  let grew = true;
  while (grew) {
    const before = tree.size;
    for (const entry of table) {
      const kin = entry.session === leader || entry.group === leader || entry.mark === mark || tree.has(entry.parent);
      if (kin || entry.pid === leader) tree.set(entry.pid, entry);
    }
    grew = tree.size > before;
  }
  return [...tree.values()].filter(({ zombie }) => !zombie);
}
