import { createServer } from 'node:net';

/** How many are tried at once: each takes a file descriptor. */
const AT_ONCE = 16;

/**
 * The ports on which nobody can listen at an address, because somebody else has them. Each is listened on for an
 * instant, as the kernel alone knows all that is in the way: listeners of the other family, listeners that would
 * share their port, connections that happen to have it. Eight free ports take about a millisecond.
 */
export async function takenPorts(ports: readonly number[], address: string): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let from = 0; from < ports.length; from += AT_ONCE) {
    const some = ports.slice(from, from + AT_ONCE);
    const isTaken = await Promise.all(some.map((port) => inUse(port, address)));
    taken.push(...some.filter((_, index) => isTaken[index]));
  }
  return taken;
}

/** What else can go wrong says nothing about others: whoever needs the port is told by the system. */
function inUse(port: number, host: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}
