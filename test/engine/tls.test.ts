import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { cert, key } from './certificate.ts';
import { started } from './engine-under-test.ts';

test('with a key and a certificate it speaks HTTPS, and says so', async () => {
  const { url, lines } = await started({ tls: { key, cert } });
  expect(lines[0]).toBe(`listening on ${url}`);
  expect(await ask(`${url}/v1/models`)).toContain('"id":"demo"');
  await expect(fetch(`${url.replace('https', 'http')}/health`)).rejects.toThrow();
});

test('a connection that never began its TLS handshake does not delay a drain', async () => {
  const engine = await started({ tls: { key, cert }, drainTimeoutMs: 60_000 });
  const silent = connect(engine.port, '127.0.0.1');
  await once(silent, 'connect');
  // Connections are accepted in order: with this one answered, the silent one is the server's to close.
  await ask(`${engine.url}/health`);
  const end = once(silent, 'close');
  await engine.drain();
  await end;
});

async function ask(url: string): Promise<string> {
  const [response] = (await once(get(url, { ca: cert }), 'response')) as [IncomingMessage];
  return text(response);
}
