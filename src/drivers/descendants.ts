import { readdirSync, readFileSync } from 'node:fs';

/** Who descends from a process now, as long as the parents in between live. Nobody but they are looked at, unlike in a whole table. */
export function descendantsOf(pid: number): readonly number[] {
  const children = threadsOf(pid).flatMap((thread) => childrenOfThread(pid, thread));
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The children that one thread of a process has started, zombies among them, and those that it has taken in. */
export function childrenOfThread(pid: number, thread: number): readonly number[] {
  try {
    const listed = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim();
    return listed === '' ? [] : listed.split(' ').map(Number);
  } catch {
    return []; // it has left
  }
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
