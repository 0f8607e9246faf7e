import type { Server, Socket } from 'node:net';

/** The open connections of a server, of which the ones that never sent a byte are not known to node:http. */
export interface Connections {
  /** Destroys every connection, and from then on every new one. */
  closeAll(): void;
}

/** Must be called before the server listens. */
export function trackConnections(server: Server): Connections {
  const open = new Set<Socket>();
  let closing = false;
  server.on('connection', (socket: Socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    closeAll() {
      closing = true;
      for (const socket of open) socket.destroy();
    },
  };
}
