import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Prober, prober } from '../../src/drivers/probes.ts';
import { freePorts } from '../loopback.ts';
import { portHolder } from '../port-holder.ts';
import { mark, run, type Running } from '../processes.ts';

/** How long a server that gives no answer is waited for, and how much longer a busy machine may take to notice. */
const TIMEOUT_MS = 500;
const NOTICE_MS = 5_000;
/** What a probe may leave in memory until it is collected, in MiB: far from what these servers have to give. */
const MOST_GROWTH = 48;

const family = mark(afterAll);
let server: Running;
let [plain, secure] = ['', ''];
const { probe } = prober(TIMEOUT_MS);
const { probe: patient } = prober(60_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

beforeAll(async () => {
  server = run(family, process.execPath, new URL('../fixtures/bad-server.mjs', import.meta.url).pathname);
  const [, plainPort, securePort] = await server.line(/^plain (\d+) secure (\d+)$/);
  plain = `http://127.0.0.1:${plainPort}`;
  secure = `https://127.0.0.1:${securePort}`;
  await probe(rank(`${plain}/200`)); // what it is made of is loaded and warm by now
  await probe(rank(`${secure}/200`));
});

/** Answers that come, and what follows them is nobody's business. */
test.each([
  ['/gzip-bomb', 200],
  ['/huge-body', 200],
  ['/dripping-body', 200],
  ['/endless-chunk', 200],
  ['/two-answers', 200],
  ['/200-upgrade', 200],
  ['/continue-then-200', 200],
  ['/redirect-loop', 307],
  ['/upgrade', 101],
  ['/upgrade-and-end', 101],
  ['/101', 101],
])('%s is an answer: %i', async (path, status) => {
  const facts = await bounded(0, () => fiveOf(plain + path, patient));
  expect(facts).toEqual(Array(5).fill({ type: 'ProbeAnswered', rank: 3, status }));
});

/** Answers that are none, told at once. */
test.each([
  ['/endless-headers', 'HPE_HEADER_OVERFLOW'],
  ['/continue-flood', 'endless 1xx'],
  ['/hints-flood', 'endless 1xx'],
  ['/no-http', 'HPE_INVALID_CONSTANT'],
  ['/http-0.9', 'HPE_INVALID_CONSTANT'],
  ['/reset', 'reset'],
  ['/hang-up', 'reset'],
])('%s is the fault of the server, at once: %s', async (path, reason) => {
  const facts = await bounded(0, () => fiveOf(plain + path, patient));
  expect(facts).toEqual(Array(5).fill({ type: 'ProbeFailed', rank: 3, fault: 'server', reason }));
});

test.each(['/silent', '/dripping-headers'])('%s is a timeout', async (path) => {
  expect(await bounded(TIMEOUT_MS, () => fiveOf(plain + path))).toEqual(Array(5).fill(TIMED_OUT));
});

test('who accepts no connection although the kernel does, over HTTP and HTTPS, is a timeout', async () => {
  const port = await freePorts();
  await portHolder('127.0.0.1', port); // it listens, and never looks who is there
  for (const scheme of ['http', 'https']) {
    const facts = await bounded(TIMEOUT_MS, () => fiveOf(`${scheme}://127.0.0.1:${port}/health`));
    expect(facts).toEqual(Array(5).fill(TIMED_OUT));
  }
});

test('a certificate for another name, that nobody vouches for, is no reason not to believe the answer', async () => {
  const facts = await bounded(0, () => fiveOf(`${secure.replace('127.0.0.1', 'localhost')}/200`));
  expect(facts).toEqual(Array(5).fill({ type: 'ProbeAnswered', rank: 3, status: 200 }));
});

test('an answer that came while this process was stopped is read, however late', async () => {
  const asked = probe(rank(`${plain}/late`));
  await server.line(/^asked \/late$/);
  stop(TIMEOUT_MS + 200); // shorter than what counts as slept
  expect(await asked).toMatchObject({ type: 'ProbeAnswered', status: 200 });
});

test('a server that has hung up, or has had no time, while this process was stopped is not blamed for that', async () => {
  const hungUp = probe(rank(`${plain}/late-hang-up`));
  await server.line(/^asked \/late-hang-up$/);
  stop(TIMEOUT_MS + 200);
  expect(await hungUp).toEqual({ type: 'ProbeFailed', rank: 3, fault: 'prober', reason: 'slept' });

  const asked = probe(rank(`${plain}/200`));
  stop(TIMEOUT_MS + 200); // before it has even been asked
  expect(await asked).toMatchObject({ type: 'ProbeAnswered', status: 200 });

  const silent = probe(rank(`${plain}/silent`));
  stop(TIMEOUT_MS + 200);
  expect(await silent).toEqual(TIMED_OUT); // it has had its time since
});

test('ten thousand probes of good and bad servers leave neither sockets nor memory behind', async () => {
  const paths = ['/200', '/503', '/reset', '/hang-up', '/no-http', '/redirect-loop', '/short-body', '/upgrade', '/101'];
  const many = async (count: number) => {
    for (let asked = 0; asked < count; asked += 60) {
      await Promise.all(Array.from({ length: 60 }, (_, index) => probe(rank(plain + paths[index % paths.length]))));
    }
    await vi.waitFor(() => expect(sockets()).toBe(0), NOTICE_MS);
  };
  await many(1_000);
  const before = heapMiB();
  await many(10_000);
  expect(heapMiB() - before).toBeLessThan(4); // one of a kilobyte a probe would be ten
}, 60_000);

const TIMED_OUT = { type: 'ProbeFailed', rank: 3, fault: 'server', reason: 'timeout' };

/** At once, as the ranks of a group are asked. */
function fiveOf(url: string, ask = probe): Promise<Awaited<ReturnType<Prober['probe']>>[]> {
  return Promise.all(Array.from({ length: 5 }, () => ask(rank(url))));
}

/** Holds what is done to a bound of time, of memory and of sockets. */
async function bounded<T>(ms: number, work: () => Promise<T>): Promise<T> {
  await vi.waitFor(() => expect(sockets()).toBe(0), NOTICE_MS);
  const [begun, memory, files] = [performance.now(), residentMiB(), openFiles()];
  const result = await work();
  expect(performance.now() - begun).toBeLessThan(ms + NOTICE_MS);
  expect(residentMiB() - memory).toBeLessThan(MOST_GROWTH);
  await vi.waitFor(() => expect(sockets()).toBe(0), NOTICE_MS);
  expect(openFiles()).toBeLessThanOrEqual(files);
  return result;
}

/** This very process, as SIGSTOP would. */
function stop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

function residentMiB(): number {
  collect();
  return process.memoryUsage.rss() / 2 ** 20;
}

function heapMiB(): number {
  for (let count = 0; count < 2; count += 1) collect(); // what a finalizer lets go of is for the second
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

function rank(healthUrl: string) {
  return { rank: 3, localRank: 0, port: 1, argv: [], env: {}, healthUrl };
}
