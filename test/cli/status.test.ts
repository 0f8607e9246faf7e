import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { VERSION } from '../../src/version.ts';
import type { GroupStatus } from '../../src/http/status.ts';
import { program } from './program-under-test.ts';

const rank = {
  rank: 0,
  localRank: 0,
  port: 8_000,
  healthUrl: 'http://127.0.0.1:8000/health',
  process: 'running',
  pid: 4_711,
  exit: null,
  healthy: true,
  failures: 0,
  last: '200',
} as const;

const READY: GroupStatus = {
  version: VERSION,
  pid: 4_700,
  uptimeSeconds: 63.2,
  phase: 'ready',
  ready: true,
  everReady: true,
  reason: 'all 1 ranks are ready',
  cause: null,
  supervisor: { host: '0.0.0.0', port: 9_256 },
  processTrees: 'the process table',
  ranks: [rank],
};

/** Something that listens, until the test is over. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (status: number, body: string) =>
  answering((_request, response) => response.writeHead(status, { connection: 'close' }).end(body));

test('`status` prints what is known of each rank, and is 0 when the group is ready', async () => {
  const asked: (string | undefined)[] = [];
  const url = await answering(({ url }, response) => {
    asked.push(url);
    response.writeHead(200, { connection: 'close' }).end(JSON.stringify(READY));
  });
  expect(await program(['status', '--url', url])).toEqual({
    status: 0,
    stderr: '',
    stdout: [
      `ready: all 1 ranks are ready (dp-supervisor ${VERSION}, pid 4700, up 63 s)`,
      'RANK  PORT  PID   PROCESS  HEALTH   LAST PROBE',
      '0     8000  4711  running  healthy  200',
      '',
    ].join('\n'),
  });
  expect(asked).toEqual(['/status']);
});

test('`status` is 1 when the group is not ready, and tells how a rank left and what probes said', async () => {
  const gone = { how: 'code', code: 17, text: 'exited with code 17' } as const;
  const ranks = [
    { ...rank, healthy: false, last: 'timeout', failures: 2 },
    { ...rank, rank: 1, port: 8_001, process: 'gone', pid: null, exit: gone, healthy: false, last: null } as const,
  ];
  const url = await answer(200, JSON.stringify({ ...READY, phase: 'stopping', ready: false, reason: 'why', ranks }));
  const { status, stdout } = await program(['status'], { DPS_URL: url });
  expect(status).toBe(1);
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    expect.stringMatching(/^stopping: why /),
    'RANK  PORT  PID   PROCESS              HEALTH  LAST PROBE',
    '0     8000  4711  running              -       timeout (2 in a row)',
    '1     8001  -     exited with code 17  -       -',
  ]);
});

test('`status` asks on this host at the port of a supervisor that has the same environment', async () => {
  const { port } = new URL(await answer(200, JSON.stringify(READY)));
  expect(await program(['status'], { DPS_DATA_PARALLEL_SUPERVISOR_PORT: port })).toMatchObject({ status: 0 });
  expect(await program(['status', '--data-parallel-supervisor-port', port])).toMatchObject({ status: 0 });
  const elsewhere = { DPS_DATA_PARALLEL_SUPERVISOR_PORT: '1', DPS_URL: `http://127.0.0.1:${port}` };
  expect(await program(['status'], elsewhere)).toMatchObject({ status: 0 });
});

test('`status --json` prints the answer as it is', async () => {
  const { status, stdout } = await program(['status', '--json', '--url', await answer(200, JSON.stringify(READY))]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(READY);
});

test('`status` of nobody is 1 and one line', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  expect(await program(['status', '--url', `http://127.0.0.1:${port}`])).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(`^dp-supervisor: no supervisor answers at http://127.0.0.1:${port}: .*ECONNREFUSED.*\n$`),
    ),
  });
});

test.each([
  ['a rank', 404, '{"detail":"Not Found"}'],
  ['a supervisor that is only starting', 503, '{"ready":false,"reason":"starting"}'],
  ['a web site', 200, '<html>\n<body>'],
  ['nonsense', 200, 'null'],
])('`status` of %s is 1 and one line', async (_who, status, body) => {
  const url = await answer(status, body);
  expect(await program(['status', '--json', '--url', url])).toEqual({
    status: 1,
    stdout: '',
    stderr: `dp-supervisor: no supervisor answers at ${url}: the answer is ${status} without a status; is it a rank's port, or is it only starting?\n`,
  });
});
