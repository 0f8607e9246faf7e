import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DpsError } from '../../src/errors.ts';
import { listen, readTls } from '../../src/http/listener.ts';
import { ask, freePorts, hold } from '../loopback.ts';

const [key, certificate] = ['tls-key.pem', 'tls-certificate.pem'].map(
  (name) => new URL(`../fixtures/${name}`, import.meta.url).pathname,
) as [string, string];

test('as long as there are no routes every request is told to come again', async () => {
  const { url } = await listening();
  for (const [method, path] of [
    ['GET', '/health'],
    ['GET', '/livez'],
    ['POST', '/nowhere'],
  ] as const) {
    const { status, headers, body } = await ask(url + path, { method });
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(body)).toEqual({ ready: false, reason: 'starting' });
  }
});

test('it tells the port that the kernel chose for 0', async () => {
  const { port } = await listening();
  expect(port).toBeGreaterThan(0);
  expect(await hold(port)).toBeNull();
});

test('a port that is taken is refused with the code, the status and the port', async () => {
  const port = await freePorts();
  await hold(port);
  const refused = listen({ host: '127.0.0.1', port, tls: null });
  await expect(refused).rejects.toBeInstanceOf(DpsError);
  await expect(refused).rejects.toMatchObject({
    code: 'DPS_PORT_TAKEN',
    status: 5,
    message: `cannot listen on 127.0.0.1 port ${port}: pid ${process.pid} (${nameOf(process.pid)}) listens there`,
  });
});

test('an address of somebody else is refused in words', async () => {
  const refused = listen({ host: '192.0.2.1', port: 0, tls: null });
  await expect(refused).rejects.toThrow('cannot listen on 192.0.2.1 port 0: this host has no such address');
});

test.each([false, true])('closing frees the port and hangs up on whoever is there, with TLS: %s', async (secure) => {
  const listener = await listening(secure);
  const silent = connect(listener.port, '127.0.0.1');
  await once(silent, 'connect');
  // Connections are accepted in order: with this one answered, the silent one is the listener's to close.
  await ask(listener.url);
  const hungUp = once(silent, 'close');
  listener.close();
  await hungUp;
  expect(await hold(listener.port)).not.toBeNull();
});

test('a port that is lost is told, and one that is given up is not', async () => {
  const lost = await listening();
  lost.server.close();
  expect(await lost.lost).toBe('the HTTP port was lost: the socket was closed');

  const given = await listening();
  const closed = once(given.server, 'close');
  given.close();
  await closed;
  expect(await Promise.race([given.lost, Promise.resolve('not lost')])).toBe('not lost');
});

test('a connection that could not be accepted does not mean that the port is lost', async () => {
  const { server, lost, url } = await listening();
  server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })); // as node:net tells it
  expect((await ask(url)).status).toBe(503);
  expect(await Promise.race([lost, Promise.resolve('not lost')])).toBe('not lost');
});

test('with a key and a certificate it speaks HTTPS and nothing else', async () => {
  const { url } = await listening(true);
  expect((await ask(url)).status).toBe(503);
  await expect(ask(url.replace('https', 'http'))).rejects.toThrow();
});

test('a key or certificate that cannot be used is refused before anything listens', () => {
  const directory = mkdtempSync(join(tmpdir(), 'listener-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const garbage = join(directory, 'garbage.pem');
  writeFileSync(garbage, 'no certificate');

  expect(readTls(undefined, undefined)).toBeNull();
  const refused = (...files: [string, string, string?]) => {
    expect(() => readTls(...files)).toThrow(expect.objectContaining({ code: 'DPS_TLS_FILE', status: 2 }));
    return expect(() => readTls(...files));
  };
  refused(`${directory}/none`, certificate).toThrow('--ssl-keyfile: ENOENT');
  refused(key, `${directory}/none`).toThrow('--ssl-certfile: ENOENT');
  refused(key, certificate, `${directory}/none`).toThrow('--ssl-ca-certs: ENOENT');
  refused(key, garbage).toThrow('--ssl-keyfile, --ssl-certfile: ');
});

/** As the kernel has it. */
const nameOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

async function listening(secure = false) {
  const listener = await listen({ host: '127.0.0.1', port: 0, tls: secure ? readTls(key, certificate) : null });
  onTestFinished(() => listener.close());
  return { ...listener, url: `${secure ? 'https' : 'http'}://127.0.0.1:${listener.port}/` };
}
