import { hasProcessTable, type ProcessEntry, type ProcessTable, readProcessTable } from './process-table.ts';
import type { Subreaper } from './subreaper.ts';

/** What came of one rank: all that its leader started, directly or not. */
export interface Tree {
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
  adopt(leader: number, startTime: number | null): void;
  /** It has gone, and its number may be somebody else's from now on. */
  release(leader: number): void;
  /** All processes as they are now, for several looks at once; null when there is no way to know. */
  table(): ProcessTable | null;
  /** Every living process of a tree, the leader among them. */
  living(tree: Tree, table: ProcessTable): readonly ProcessEntry[];
  /** From now on orphans come to us: see {@link Subreaper}. */
  use(subreaper: Subreaper): void;
}

const WITHOUT_TABLE =
  process.platform === 'linux'
    ? 'their process groups: there is no /proc here that knows this process'
    : 'their process groups, and tree-kill at the end: there is no process table here';

/** @param mark what the marks of the group begin with */
export function trees(mark: string): Trees {
  const leaders = new Set<number>();
  let since = Infinity;
  let reaper: Subreaper | null = null;

  return {
    inWords() {
      if (!hasProcessTable) return WITHOUT_TABLE;
      return reaper === null
        ? 'the process table (sessions, groups, parents and marks)'
        : `orphans come to us (${reaper.how}), and the process table (sessions, groups, parents and marks)`;
    },
    adopt(leader, startTime) {
      leaders.add(leader);
      since = Math.min(since, startTime ?? 0);
    },
    release: (leader) => void leaders.delete(leader),
    table: () => readProcessTable({ mark, since }),
    living: (tree, table) => livingTree(tree, table, nobodys(table)),
    use(subreaper) {
      reaper = subreaper;
    },
  };

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
  { leader, mark }: Tree,
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
