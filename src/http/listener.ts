import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { holdersInWords, holdersOf } from '../drivers/port-holders.ts';
import { DpsError, fileProblem } from '../errors.ts';
import { LIMITS, mostConnections, SERVER_LIMITS } from './limits.ts';

/** The supervisor's own port, held from before the first rank starts until the last one is gone. */
export interface Listener {
  readonly server: http.Server;
  /** The one that was asked for, or the one that the kernel chose for 0. */
  readonly port: number;
  /** Resolves with the reason when the port is lost without having been closed. */
  readonly lost: Promise<string>;
  close(): void;
}

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: Tls | null;
}

export interface Tls {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly ca?: Buffer;
}

/**
 * Takes the port. What answers the requests is loaded later and takes the place of the one listener for
 * `request`; until then a request is told to come again.
 *
 * @throws DpsError `DPS_PORT_TAKEN`
 */
export async function listen({ host, port, tls }: ListenerOptions): Promise<Listener> {
  const server = tls === null ? http.createServer(SERVER_LIMITS) : https.createServer({ ...SERVER_LIMITS, ...tls });
  server.maxRequestsPerSocket = LIMITS.requestsPerConnection.value;
  server.setTimeout(LIMITS.idleMs.value);
  server.on('request', notYet);
  const connections = new Set<Socket>();
  const most = mostConnections();
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    if (connections.size > most) firstOf(connections)?.destroy();
    connection.once('close', () => connections.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portRefusal(error, host, port)));
    server.listen({ host, port }, () => resolve());
  });
  server.removeAllListeners('error');

  let closing = false;
  const lost = new Promise<string>((resolve) => {
    // A connection that could not be accepted is an error as well, but the port is still there.
    server.on('error', (error) => server.listening || resolve(`the HTTP port was lost: ${error.message}`));
    server.on('close', () => closing || resolve('the HTTP port was lost: the socket was closed'));
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    lost,
    close() {
      closing = true;
      server.close();
      // node:https knows nothing of a connection that never began its handshake, and would wait for it for ever.
      for (const connection of connections) connection.destroy();
    },
  };
}

/** A failure to listen, in words that say what is wrong with the port. */
export function portRefusal(error: NodeJS.ErrnoException, host: string, port: number): DpsError {
  if (error.code === 'EADDRINUSE') {
    const holders = holdersInWords(holdersOf([port], host).get(port) ?? []);
    return new DpsError('DPS_PORT_TAKEN', `cannot listen on ${host} port ${port}: ${holders} listens there`);
  }
  const why = new Map([
    ['EACCES', 'this user may not listen there'],
    ['EADDRNOTAVAIL', 'this host has no such address'],
    ['ENOTFOUND', 'there is no such host'],
  ]).get(error.code ?? '');
  return new DpsError('DPS_PORT_TAKEN', `cannot listen on ${host} port ${port}: ${why ?? error.message}`);
}

/** @throws DpsError `DPS_TLS_FILE` */
export function readTls(keyFile: string | undefined, certFile: string | undefined, caFile?: string): Tls | null {
  if (keyFile === undefined || certFile === undefined) return null;
  const ca = caFile === undefined ? {} : { ca: readFile('--ssl-ca-certs', caFile) };
  const tls = { key: readFile('--ssl-keyfile', keyFile), cert: readFile('--ssl-certfile', certFile), ...ca };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new DpsError('DPS_TLS_FILE', `--ssl-keyfile, --ssl-certfile: ${(error as Error).message}`);
  }
  return tls;
}

function readFile(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new DpsError('DPS_TLS_FILE', `${option}: ${fileProblem(error as Error, path)}`);
  }
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

function notYet(_request: http.IncomingMessage, response: http.ServerResponse): void {
  response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
  response.end('{"ready":false,"reason":"starting"}');
}
