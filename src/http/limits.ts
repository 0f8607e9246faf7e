import { readFileSync } from 'node:fs';

/**
 * What a client of the supervisor's port may ask of it: the one place of these numbers, read by the listener and by
 * the reference. Whoever asks what a probe, a scraper or a person asks never comes near one of them.
 */
export const LIMITS = {
  headerBytes: { value: 16_384, unit: 'bytes', meaning: 'Request line and headers; beyond: 431.' },
  headersMs: {
    value: 5_000,
    unit: 'ms',
    meaning: 'From the connection, or from the end of the request before, to the end of the headers; beyond: 408.',
  },
  requestMs: { value: 5_000, unit: 'ms', meaning: 'The same to the end of a body, though none is read; beyond: 408.' },
  handshakeMs: { value: 5_000, unit: 'ms', meaning: 'The TLS handshake; beyond, the connection is closed.' },
  keepAliveMs: { value: 5_000, unit: 'ms', meaning: 'From an answer to the next request on the same connection.' },
  idleMs: {
    value: 60_000,
    unit: 'ms',
    meaning: 'How long nothing may move on a connection, as with a stalled reader.',
  },
  requestsPerConnection: { value: 16, unit: 'requests', meaning: 'The last is answered with `connection: close`.' },
  connections: {
    value: 512,
    unit: 'connections',
    meaning:
      'Or a quarter of the file descriptors (`ulimit -n`) when that is less. One more closes the oldest, so that nobody who only holds connections keeps a probe out.',
  },
} as const;

/** How often the limits of time are looked at. */
const CHECK_MS = 1_000;

/** As Node's servers take them. */
export const SERVER_LIMITS = {
  maxHeaderSize: LIMITS.headerBytes.value,
  headersTimeout: LIMITS.headersMs.value,
  requestTimeout: LIMITS.requestMs.value,
  handshakeTimeout: LIMITS.handshakeMs.value,
  keepAliveTimeout: LIMITS.keepAliveMs.value,
  connectionsCheckingInterval: CHECK_MS,
} as const;

/** Connections share the descriptors with the ranks' output, their probes and the process table. */
export function mostConnections(): number {
  return Math.min(LIMITS.connections.value, Math.max(1, Math.floor(fileDescriptors() / 4)));
}

/** The soft limit, which Node raises to the hard one at its start; infinite where it is not told. */
function fileDescriptors(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return Number(limit ?? Infinity);
  } catch {
    return Infinity;
  }
}
