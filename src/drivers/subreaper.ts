import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { childrenOfThread } from './descendants.ts';
import { hasProcessTable, type ProcessEntry, type ProcessTable } from './process-table.ts';

/**
 * Orphans come to this process instead of going to process 1 of the machine: a daemon that has forked twice is still
 * found, and is reaped when it has left. It is for a program of its own: in a host, orphans of the host's would come too.
 */
export interface Subreaper {
  /** By which right orphans come to us. */
  readonly how: 'as PID 1' | 'as subreaper';
  /** Children of ours that Node did not start. */
  orphans(table: ProcessTable): readonly ProcessEntry[];
  /** Their pids, zombies' among them, without a table. */
  orphanPids(): readonly number[];
}

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/** Node's own children: their exits are Node's to take. A child is published before it has its pid, so it is kept whole. */
const nodes = new Set<ChildProcess>();

/** Keeps book of Node's children; before the first of them is started. */
export function watchChildren(): void {
  subscribe('child_process', (message) => {
    const child = (message as { process: ChildProcess }).process;
    nodes.add(child);
    // Until the turn after: the zombie that Node has taken is no longer there by then.
    child.once('exit', () => setImmediate(() => nodes.delete(child)));
    child.once('error', () => child.pid === undefined && nodes.delete(child));
  });
}

/**
 * From now on orphans come here, and each is reaped when it has left: by its pid, because waiting for whomever there is
 * would take exits from Node. It costs nothing while no child leaves. It is done before the first child is started: an
 * orphan of before has gone to another process for good.
 *
 * @returns null where it cannot be had: no koffi, the kernel refuses, or no process table, without which nobody is reaped
 */
export function becomeSubreaper(): Subreaper | null {
  if (!hasProcessTable) return null;
  try {
    // In this very turn, which `import` cannot.
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const c = koffi.load(null);
    const prctl = c.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
    const waitpid = c.func('int waitpid(int pid, void *status, int options)');
    if (process.pid !== 1 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) return null;
    process.on('SIGCHLD', reap);
    reap();
    return { how: process.pid === 1 ? 'as PID 1' : 'as subreaper', orphans, orphanPids };

    function reap(): void {
      for (const pid of orphanPids()) waitpid(pid, null, WNOHANG);
    }
  } catch {
    return null;
  }
}

function orphans(table: ProcessTable): readonly ProcessEntry[] {
  return table.filter(({ pid, parent, zombie }) => parent === process.pid && !zombie && !isNodes(pid));
}

/** The first thread starts all children, and is given all orphans. */
function orphanPids(): readonly number[] {
  return childrenOfThread(process.pid, process.pid).filter((pid) => !isNodes(pid));
}

function isNodes(pid: number): boolean {
  return [...nodes].some((child) => child.pid === pid);
}
