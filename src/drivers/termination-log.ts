import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { writeAll } from '../journal/bounded.ts';

/** Where Kubernetes looks for a container's last words, unless the pod says otherwise. */
const KUBERNETES_PATH = '/dev/termination-log';
const NOWHERE = 'none';

/** What the program does without a word about it: in a container of Kubernetes the file is there. */
export function defaultTerminationLog(path = KUBERNETES_PATH): string {
  try {
    accessSync(path, constants.W_OK);
    return path;
  } catch {
    return NOWHERE;
  }
}

/**
 * Writes messages in place of each other. A failure changes nothing else.
 *
 * @param path `none` or undefined: nowhere
 * @param tell is told, once, that it cannot be written, and why
 * @returns null when there is nothing to write to
 */
export function terminationLog(
  path: string | undefined,
  tell: (problem: string) => void,
): ((message: string) => void) | null {
  if (path === undefined || path === NOWHERE) return null;
  let told = false;
  return (message) => {
    try {
      write(path, message);
    } catch (error) {
      if (!told) tell(`cannot write the termination log: ${(error as Error).message}`);
      told = true;
    }
  };
}

function write(path: string, message: string): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
  // Without O_NONBLOCK a pipe that nobody reads would be waited for, for ever.
  const fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o644);
  try {
    writeAll(fd, Buffer.from(message));
  } finally {
    closeSync(fd);
  }
}
