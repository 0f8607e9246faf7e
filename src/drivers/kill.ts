import { hasProcessTable, type ProcessEntry } from './process-table.ts';

/** A look at what lives of a tree; null where there is no process table, or where it cannot be read. */
export type Look = () => readonly ProcessEntry[] | null;

/**
 * Signals the leader alone: only it knows how to let its workers finish. Once it has left, what remains
 * of its group is signalled instead. Nobody there is no error.
 */
export function signalTree(leader: number, leaderLives: boolean, signal: NodeJS.Signals): void {
  send(leaderLives ? leader : -leader, signal);
}

/** Signals one process, which may have left. */
export function signalOne(pid: number, signal: NodeJS.Signals): void {
  send(pid, signal);
}

/** How often the tree is looked at again for what was forked meanwhile. */
const MOST_LOOKS = 10;

/**
 * Ends the leader's whole tree at once: first those that left its group, until no new ones turn up,
 * and the group last, because it is through their parents that they are found.
 */
export function killTree(leader: number, leaderLives: boolean, look: Look): void {
  const ended = new Set<number>();
  for (let count = 0; count < MOST_LOOKS; count += 1) {
    const living = look();
    if (living === null && count === 0 && leaderLives) return void killByParents(leader);
    const others = living?.filter(({ pid, group }) => group !== leader && !ended.has(pid)) ?? [];
    if (others.length === 0) break;
    for (const { pid } of others) {
      send(pid, 'SIGKILL');
      ended.add(pid);
    }
  }
  send(-leader, 'SIGKILL');
}

/**
 * Whether a living process of the leader's tree is left. The kernel could be asked for the group alone, but
 * that counts zombies, and passes over who has left it; it is asked where there is no other way.
 */
export function treeLives(leader: number, living: ReturnType<Look>): boolean {
  return living === null ? send(-leader, 0) : living.length > 0;
}

/** On Linux `ps` reads `/proc` as well, and would be told of strangers where we would. */
const psKnowsUs = process.platform !== 'linux' || hasProcessTable;

/** Without a table, parents are asked for their children, one by one: nobody may be ended before that is done. */
async function killByParents(leader: number): Promise<void> {
  const killGroup = () => void send(-leader, 'SIGKILL');
  if (!psKnowsUs) return killGroup();
  const treeKill = await import('tree-kill').catch(killGroup);
  treeKill?.default(leader, 'SIGKILL', killGroup);
}

/** @returns whether somebody was there */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
