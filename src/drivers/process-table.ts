import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { MARK_NAME } from './mark.ts';

/** One line of the process table: what `/proc/PID/stat` says, and the mark. */
export interface ProcessEntry {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Dead and waiting for its parent to notice; it holds nothing but its number. */
  readonly zombie: boolean;
  /** When it started, in the kernel's ticks since the machine did: with it a number that is given anew is told apart. */
  readonly startTime: number;
  /** The mark that it inherited from a rank; null when it has none, or none was looked for. */
  readonly mark: string | null;
}

export type ProcessTable = readonly ProcessEntry[];

/** Which marks are looked for: those of a group begin alike, and nobody carries one who is older than its first rank. */
export interface MarkSearch {
  readonly mark: string;
  /** Ticks, as in {@link ProcessEntry}. */
  readonly since: number;
}

/**
 * Whether there is a process table to read: Linux, with a `/proc` in which numbers mean what they mean to us. That of
 * another PID namespace (`unshare --pid` alone, a container that was given its host's) tells of strangers.
 */
export const hasProcessTable = process.platform === 'linux' && knowsUs();

function knowsUs(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

/** The kernel's ticks are of this length for whoever reads them, on every machine that Node runs on. */
const TICKS_A_SECOND = 100;

/** How often it is listed again, at most, for who was forked while it was read. */
const MOST_LISTINGS = 4;

/**
 * The table as it is now; null when there is none, or it cannot be read, for want of a file descriptor for example. On a busy
 * host reading it takes tens of milliseconds. Whoever forks meanwhile and leaves is found all the same.
 */
export function readProcessTable(search: MarkSearch | null = null): ProcessTable | null {
  if (!hasProcessTable) return null;
  const table = new Map<number, ProcessEntry | null>();
  try {
    for (let listing = 0; listing < MOST_LISTINGS; listing += 1) {
      const fresh = listPids().filter((pid) => !table.has(pid));
      if (fresh.length === 0) break;
      for (const pid of fresh) table.set(pid, readEntry(pid, search));
    }
    return [...table.values()].filter((entry) => entry !== null);
  } catch {
    return null;
  }
}

function listPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** When a process started, in ticks; null when that is not known. */
export function startTimeOf(pid: number): number | null {
  if (!hasProcessTable) return null;
  try {
    return readEntry(pid, null)?.startTime ?? null;
  } catch {
    return null;
  }
}

/** For how long a process has been there, in seconds. */
export function ageOf({ startTime }: ProcessEntry): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) - startTime / TICKS_A_SECOND;
}

/** @throws when it cannot be read, although it is there */
function readEntry(pid: number, search: MarkSearch | null): ProcessEntry | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name stands in parentheses and may itself hold blanks and parentheses: fields begin behind the last one.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const [state, parent, group, session] = fields;
  const zombie = state === 'Z';
  const startTime = Number(fields[19]);
  return {
    pid,
    name: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    zombie,
    startTime,
    mark: search === null || zombie || startTime < search.since ? null : readMark(pid, search.mark),
  };
}

function readMark(pid: number, mark: string): string | null {
  let environment;
  try {
    environment = read(`/proc/${pid}/environ`) ?? '';
  } catch (error) {
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return null; // another user's
    throw error;
  }
  const start = environment.indexOf(`${MARK_NAME}=${mark}`);
  return start === -1 ? null : (environment.slice(start + MARK_NAME.length + 1).split('\0', 1)[0] ?? null);
}

/** Null when it left between the listing and the look. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
