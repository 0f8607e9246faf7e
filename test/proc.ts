// What /proc says of processes, for tests and for the chaos, which runs without a test runner.
import { readdirSync, readFileSync } from 'node:fs';

/** The pids of all processes whose environment holds NAME=VALUE. A zombie has no environment any more. */
export function carriersOf(variable: string): readonly number[] {
  return pids().filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(variable));
}

/** What the kernel says of a process: `R`, `S`, `T` (stopped), `Z` (zombie), ...; null when there is none. */
export function stateOf(pid: number): string | null {
  return /^State:\s+(\w)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? null;
}

/** The line that the kernel has on a process; empty when there is none. */
export function statOf(pid: number): string {
  return read(`/proc/${pid}/stat`);
}

/** When a process started, in ticks, by that line. */
export function startTimeIn(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** The name under which the kernel knows a process; empty when there is none. */
export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** The pids of a process's children, zombies among them. */
export function childrenOf(pid: number): readonly number[] {
  const listed = read(`/proc/${pid}/task/${pid}/children`).trim();
  return listed === '' ? [] : listed.split(' ').map(Number);
}

/** SIGKILL, or another signal, to one process, which may have left. */
export function end(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has left.
  }
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The text of a file; empty where there is none. */
export function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
