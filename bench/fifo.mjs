import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import net from 'node:net';
import { now } from './monotonic.mjs';

/** Makes a pipe with a name and opens both of its ends, so that nobody who opens it waits for the other. */
export function makeFifo(path) {
  execFileSync('mkfifo', [path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reading, writing: openSync(path, constants.O_WRONLY) };
}

/** Resolves with the time at which the first byte came, and closes that end. */
export function firstByteAt(reading) {
  const socket = new net.Socket({ fd: reading, readable: true, writable: false });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', () => {
      resolve(now());
      socket.destroy();
    });
  });
}
