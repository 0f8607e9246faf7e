import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LIMITS } from '../../src/http/limits.ts';
import { ask } from '../loopback.ts';
import { SLEEP, supervisor, type SupervisorOptions } from './supervisor.ts';

/** Within this, half of all questions are answered; a busy machine may be late with the others, and now and then with all. */
const QUICK_MS = 100;
/** As much as memory may grow by what is done to it: collected or not, in MiB. */
const MOST_GROWTH = 96;

test('a thousand idle connections keep nobody out, and the oldest make room', { timeout: 60_000 }, async () => {
  const { url, clients, quick } = await besieged();
  const idle = await clients(1_000);
  await quick();
  const most = LIMITS.connections.value;
  await vi.waitFor(() => expect(idle.filter(isOpen).length).toBeLessThanOrEqual(most), 5_000);
  expect(idle.slice(-most / 2).every(isOpen)).toBe(true);
  expect((await ask(`${url}/livez`)).status).toBe(200);
});

test('with few file descriptors, idle connections keep nobody out either', async () => {
  const { clients, quick } = await besieged((words) => ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', ...words]);
  const idle = await clients(200);
  await quick();
  await vi.waitFor(() => expect(idle.filter(isOpen).length).toBeLessThanOrEqual(16), 5_000);
});

test('headers and bodies that come in drips are not waited for, and meanwhile /health is answered', async () => {
  const { clients, quick } = await besieged();
  const slow = await clients(200);
  const [poster] = slow as [Socket];
  const begun = performance.now();
  const drips = setInterval(() => slow.filter(isOpen).forEach((socket) => socket.write('X')), 200);
  onTestFinished(() => clearInterval(drips));
  const refused = once(poster, 'data');
  poster.write('POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
  for (const socket of slow.slice(1)) socket.write('GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  expect(String((await refused)[0])).toMatch(/^HTTP\/1\.1 405 /);
  await quick();
  await vi.waitFor(() => expect(slow.filter(isOpen)).toEqual([]), 15_000);
  expect(performance.now() - begun).toBeGreaterThan(LIMITS.headersMs.value - 1_000);
});

test('a hundred kilobytes of headers are refused', async () => {
  const { clients, quick } = await besieged();
  const answers = (await clients(50)).map(async (socket) => {
    socket.write(`GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`);
    return String((await once(socket, 'data'))[0]);
  });
  await quick();
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

test('thousands of requests in one breath get as many answers as one connection may have', async () => {
  const { clients, quick, growth } = await besieged();
  const greedy = await clients(20);
  const answers = greedy.map(async (socket) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    socket.write('GET /journal HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2_000));
    await vi.waitFor(() => expect(!isOpen(socket) || text.includes('HTTP/1.1 503 ')).toBe(true), 10_000);
    return text.match(/HTTP\/1\.1 200 /g)?.length ?? 0;
  });
  await quick();
  for (const count of await Promise.all(answers)) expect(count).toBeLessThanOrEqual(LIMITS.requestsPerConnection.value);
  expect(growth()).toBeLessThan(MOST_GROWTH);
});

test('what is no request of ours is refused, each with its status', async () => {
  const { clients, quick } = await besieged();
  for (const [request, status] of [
    ['BREW /health HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['get /health HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['GET /health HTTP/9.9\r\nHost: x\r\n\r\n', 400],
    ['GET /health HTTP/1.1\r\n\r\n', 400], // no Host
    ['TRACE /health HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['\0'.repeat(100_000), 400],
  ] as const) {
    const [odd] = (await clients(1)) as [Socket];
    odd.write(request);
    expect(String((await once(odd, 'data'))[0]), request.slice(0, 60)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  }
  await quick();
});

const isOpen = (socket: Socket) => !socket.destroyed && !socket.readableEnded;

/** A supervisor, and clients of it that are up to something. */
async function besieged(around?: SupervisorOptions['around']) {
  const { url, line, pid } = await supervisor({
    command: SLEEP,
    options: ['--startup-probe-interval-s', '60'],
    ...(around && { around }),
  });
  await line(/listening on/);
  await ask(`${url}/health`);
  const before = residentMiB(pid);
  return { url, clients, quick, growth: () => residentMiB(pid) - before };

  async function clients(count: number): Promise<Socket[]> {
    const sockets = Array.from({ length: count }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    for (const socket of sockets)
      socket
        .on('error', () => undefined)
        .on('end', () => socket.destroy())
        .resume();
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    return sockets;
  }

  async function quick(): Promise<void> {
    await vi.waitFor(async () => {
      const times: number[] = [];
      for (let question = 0; question < 9; question += 1) {
        const begun = performance.now();
        expect((await ask(`${url}/health`)).status).toBe(503);
        times.push(performance.now() - begun);
      }
      expect(times.sort((a, b) => a - b)[4]).toBeLessThan(QUICK_MS);
    }, 5_000);
  }
}

function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) / 1_024;
}
