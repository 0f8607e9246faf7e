import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { trackConnections } from '../../src/engine/connections.ts';

test('connections are destroyed, those that were open and those that still get in', async () => {
  const server = createServer();
  const connections = trackConnections(server);
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const early = connect(port, '127.0.0.1');
  await once(server, 'connection');
  expect(early.destroyed).toBe(false);
  connections.closeAll();
  await once(early, 'close');

  const late = connect(port, '127.0.0.1');
  await once(late, 'close');
});
