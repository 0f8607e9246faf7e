// Free ports of loopback, for tests and for the chaos, which runs without a test runner.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that the kernel hands out for port 0 and for outgoing connections. */
const [LOWEST, HIGHEST, BLOCK] = [12_000, 32_000, 16];

export interface PortBlock {
  /** Of consecutive free ports. */
  readonly first: number;
  /** The port before them, taken until it is let go: it keeps all who ask here out of each other's blocks. */
  readonly claim: Server;
}

/** Finds a block of consecutive free ports. */
export async function portBlock(): Promise<PortBlock> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = LOWEST + BLOCK * Math.floor((Math.random() * (HIGHEST - LOWEST)) / BLOCK);
    const claim = await hold(first);
    if (claim === null) continue;
    const others = await Promise.all(Array.from({ length: BLOCK - 1 }, (_, index) => hold(first + 1 + index)));
    await Promise.all(others.flatMap((server) => (server === null ? [] : letGo(server))));
    if (others.every((server) => server !== null)) return { first: first + 1, claim };
    await letGo(claim);
  }
  throw new Error('no block of free ports was found');
}

/** Listens on a port of loopback; null when it is taken. */
export async function hold(port: number): Promise<Server | null> {
  const server = createServer().unref();
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return null;
  }
}

export async function letGo(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
