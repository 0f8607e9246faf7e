import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { RankPlan } from '../../src/config/plan.ts';
import { type Prober, prober } from '../../src/drivers/probes.ts';
import { freePorts } from '../loopback.ts';
import { mark, run, type Running } from '../processes.ts';

/** Longer than any answer takes; a probe that gets none would wait for all of it. */
const PATIENT_MS = 15_000;
/** Far from a gigabyte: what the buffers of both kernels hold has been written, but need not have been read. */
const MOST_BYTES = 2 ** 24;

const family = mark(afterAll);
let server: Running;
let [plain, secure] = ['', ''];
const { probe: patient, close } = prober(PATIENT_MS);

beforeAll(async () => {
  server = run(family, process.execPath, new URL('../fixtures/bad-server.mjs', import.meta.url).pathname);
  const [, plainPort, securePort] = await server.line(/^plain (\d+) secure (\d+)$/);
  plain = `http://127.0.0.1:${plainPort}`;
  secure = `https://127.0.0.1:${securePort}`;
});

test.each([
  ['/200', 200],
  ['/404', 404],
  ['/503', 503],
])('an answer is told by its status: %s', async (path, status) => {
  expect(await probe(path)).toEqual({ type: 'ProbeAnswered', rank: 3, status });
});

test('a redirect is an answer, and nobody goes there', async () => {
  expect(await probe('/redirect')).toEqual({ type: 'ProbeAnswered', rank: 3, status: 302 });
  await probe('/nowhere');
  await bytesUntilClosed('/nowhere');
  expect(server.stdout()).not.toContain('/elsewhere');
});

test('compression is not asked for, and a body that claims it all the same or is cut short changes nothing', async () => {
  expect(await probe('/gzip')).toMatchObject({ status: 200 });
  expect(await probe('/short-body')).toMatchObject({ status: 200 });
});

test.each(['/dripping-body', '/huge-body'])('a body without an end is hung up on: %s', async (path) => {
  expect(await probe(path)).toMatchObject({ status: 200 });
  expect(await bytesUntilClosed(path)).toBeLessThan(MOST_BYTES);
});

test.each([
  ['/hang-up', 'reset'],
  ['/reset', 'reset'],
  ['/no-http', 'HPE_INVALID_CONSTANT'],
  ['/endless-headers', 'HPE_HEADER_OVERFLOW'],
])('no answer is the fault of the server: %s', async (path, reason) => {
  expect(await probe(path)).toEqual({ type: 'ProbeFailed', rank: 3, fault: 'server', reason });
  expect(await bytesUntilClosed(path)).toBeLessThan(MOST_BYTES);
});

test('nobody listens: refused', async () => {
  const refused = { type: 'ProbeFailed', rank: 3, fault: 'server', reason: 'refused' };
  expect(await patient(planned(`http://127.0.0.1:${await freePorts()}/health`))).toEqual(refused);
});

test.each(['/silent', '/dripping-headers'])('an answer that does not come in time is a timeout: %s', async (path) => {
  const begun = performance.now();
  const timeout = { type: 'ProbeFailed', rank: 3, fault: 'server', reason: 'timeout' };
  expect(await prober(300).probe(planned(plain + path))).toEqual(timeout);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(295);
  expect(performance.now() - begun).toBeLessThan(PATIENT_MS / 3);
  await bytesUntilClosed(path);
});

test('a certificate that nobody vouches for will do', async () => {
  expect(await patient(planned(`${secure}/200`))).toMatchObject({ status: 200 });
});

test('HTTP to a server of HTTPS is the fault of the server, at once, and so is the reverse', async () => {
  const failed = { type: 'ProbeFailed', fault: 'server', reason: expect.not.stringContaining('timeout') };
  expect(await patient(planned(`${secure.replace('https', 'http')}/200`))).toMatchObject(failed);
  expect(await patient(planned(`${plain.replace('http', 'https')}/200`))).toMatchObject(failed);
});

test('a prober without a file descriptor left blames itself', async () => {
  await probe('/200'); // what it is made of is loaded by now
  const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  onTestFinished(() => limitFiles(Number(limit)));
  limitFiles(512);
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    expect(await probe('/200')).toEqual({ type: 'ProbeFailed', rank: 3, fault: 'prober', reason: 'EMFILE' });
  } finally {
    for (const fd of taken) closeSync(fd);
  }
  expect(await probe('/200')).toMatchObject({ status: 200 });
});

test('closing hangs up on whoever is still being asked, or still answers', { retry: 2 }, async () => {
  const asked = probe('/silent?too');
  expect(await probe('/dripping-body?too')).toMatchObject({ status: 200 });
  close();
  expect(await asked).toMatchObject({ type: 'ProbeFailed' });
  await bytesUntilClosed('/silent?too');
  // Without that it would have been written to for another second.
  expect(await bytesUntilClosed('/dripping-body?too')).toBeLessThan(500);
  expect(await probe('/200')).toMatchObject({ status: 200 });
});

test('whatever keeps it from asking is told, and never thrown', async () => {
  expect(await patient(planned('no URL'))).toMatchObject({ type: 'ProbeFailed', rank: 3 });
});

test('three hundred probes leave no socket open', async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  await vi.waitFor(() => expect(sockets()).toBe(0), 5_000);
  const paths = ['/200', '/503', '/reset', '/short-body', '/no-http', '/huge-body'];
  for (let round = 0; round < 50; round++) await Promise.all(paths.map(probe));
  await vi.waitFor(() => expect(sockets()).toBe(0), 5_000);
});

function probe(path: string): ReturnType<Prober['probe']> {
  return patient(planned(plain + path));
}

function planned(healthUrl: string): RankPlan {
  return { rank: 3, localRank: 0, port: 1, argv: [], env: {}, healthUrl };
}

/** How many bytes the server had written when the other side hung up. */
async function bytesUntilClosed(path: string): Promise<number> {
  return Number((await server.line(new RegExp(`^closed ${path.replace('?', '\\?')} (\\d+)$`)))[1]);
}

/** Changes the soft limit of this very process. */
function limitFiles(count: number): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${count}:`]);
}
