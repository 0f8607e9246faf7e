// Pretends to be the HTTP half of the ranks: one server for each of some ports in a row, answering as it is told.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { Answer } from './run-plan.ts';

export interface HealthServers {
  /** Of the first rank. */
  readonly port: number;
  /** From now on, rank by rank: one answer after the other, the last for ever. */
  answerWith(answers: readonly (readonly Answer[])[]): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Listens on so many ports in a row as there are ranks at most. */
export async function healthServers(ranks: number): Promise<HealthServers> {
  let answers: (readonly Answer[])[] = [];
  const servers = await inARow(ranks, (place) => {
    const [now = 'never', ...later] = answers[place] ?? [];
    if (later.length > 0) answers[place] = later;
    return now;
  });
  return {
    port: portOf(servers[0]),
    answerWith: (next) => {
      answers = [...next];
      // Who was not answered in the run before is not waited for.
      for (const server of servers) server.closeAllConnections();
    },
    close: async () => {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** The first port is any free one; when one behind it is not free, another first one is tried. */
async function inARow(count: number, answer: (place: number) => Answer): Promise<readonly Server[]> {
  for (;;) {
    const servers: Server[] = [];
    try {
      for (let place = 0; place < count; place += 1) {
        servers.push(await listening(place === 0 ? 0 : portOf(servers[0]) + place, () => answer(place)));
      }
      return servers;
    } catch {
      for (const server of servers) server.close();
    }
  }
}

async function listening(port: number, answer: () => Answer): Promise<Server> {
  const server = createServer((request, response) => {
    const what = answer();
    if (what === 'reset') request.socket.destroy();
    else if (what !== 'never') response.writeHead(what).end();
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : NaN;
}
