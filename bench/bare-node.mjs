import { spawn } from 'node:child_process';
import { now } from './monotonic.mjs';

/** How long this machine takes for `node -e 0`, from spawn to exit, in milliseconds: what starting is measured against. */
export function bareNode() {
  const startedAt = now();
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(now() - startedAt));
  });
}
