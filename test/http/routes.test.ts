import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { serve } from '../../src/http/app.ts';
import { listen, type Listener } from '../../src/http/listener.ts';
import { ROUTES, type View } from '../../src/http/routes.ts';
import type { RankState } from '../../streams/ranks.ts';
import type { GroupState } from '../../streams/supervision.ts';
import { ask } from '../loopback.ts';

const healthy: RankState = {
  rank: 4,
  life: { is: 'running', pid: 1234 },
  health: { verdict: 'healthy', failures: 0, last: '200' },
};
const starting: RankState = {
  rank: 5,
  life: { is: 'running', pid: 1235 },
  health: { verdict: 'unhealthy', failures: 2, last: 'refused' },
};
const gone: RankState = {
  rank: 5,
  life: { is: 'gone', exit: { how: 'signal', signal: 'SIGKILL' } },
  health: starting.health,
};
const PHASES = {
  starting: { phase: 'starting', ready: false, cause: null, ranks: [healthy, starting] },
  ready: { phase: 'ready', ready: true, cause: null, ranks: [healthy, { ...healthy, rank: 5 }] },
  stopping: {
    phase: 'stopping',
    ready: false,
    cause: { kind: 'exited', rank: 5, exit: { how: 'signal', signal: 'SIGKILL' }, afterReady: true },
    ranks: [healthy, gone],
  },
} satisfies Record<string, GroupState>;

let state: GroupState;
let listener: Listener;
let url: string;

beforeAll(async () => {
  listener = await listen({ host: '127.0.0.1', port: 0, tls: null });
  url = `http://127.0.0.1:${listener.port}`;
  await serve(listener, view());
});
beforeEach(() => {
  state = PHASES.ready;
});
afterAll(() => listener.close());

test.each([
  ['/health', 503, 200, 503],
  ['/ready', 503, 200, 503],
  ['/readyz', 503, 200, 503],
  ['/livez', 200, 200, 200],
  ['/startupz', 503, 200, 200],
  ['/ranks/4/health', 200, 200, 200],
  ['/ranks/5/health', 503, 200, 503],
  ['/ranks/99/health', 404, 404, 404],
  ['/ranks/x/health', 404, 404, 404],
  ['/status', 200, 200, 200],
  ['/nowhere', 404, 404, 404],
])('%s answers %i while starting, %i when ready, %i while stopping', async (path, ...expected) => {
  const statuses = [];
  for (state of Object.values(PHASES)) {
    const { status, headers, body } = await ask(url + path);
    expect(headers['content-type']).toContain('application/json');
    expect(JSON.parse(body)).toBeTypeOf('object');
    const head = await ask(url + path, { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([status, '']);
    statuses.push(status);
  }
  expect(statuses).toEqual(expected);
});

test('what is not ready says why', async () => {
  state = PHASES.starting;
  expect(JSON.parse((await ask(`${url}/health`)).body)).toEqual({
    ready: false,
    phase: 'starting',
    reason: '1 of 2 ranks are ready; waiting for rank 5 (refused)',
  });
  expect(JSON.parse((await ask(`${url}/ranks/5/health`)).body)).toEqual({
    ...{ rank: 5, healthy: false, process: 'running', last: 'refused' },
  });
  state = PHASES.stopping;
  expect(JSON.parse((await ask(`${url}/readyz`)).body)).toMatchObject({
    reason: 'rank 5 was ended by SIGKILL after the group was ready',
  });
});

test('answers are not kept by anybody, and a query or a final slash changes nothing', async () => {
  for (const path of ['/health', '/health/', '/health?from=probe']) {
    const { status, headers } = await ask(url + path);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  }
});

test.each([
  ['POST', 'application/json', '{}'],
  ['POST', 'application/json', 'not JSON'],
  ['POST', 'application/x-www-form-urlencoded', 'a=b'],
  ['POST', 'text/plain', 'x'.repeat(2_000_000)],
  ['PUT', 'application/octet-stream', ''],
  ['DELETE', 'text/plain', ''],
  ['PROPFIND', 'text/xml', ''],
])('%s is not allowed, whatever is sent: %s', async (method, type, body) => {
  for (const path of ['/health', '/nowhere']) {
    const answer = await ask(url + path, { method, headers: { 'content-type': type }, body });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(JSON.parse(answer.body)).toEqual({ error: `${method} is not allowed` });
  }
});

test('what is not HTTP is refused, and the next request is answered', async () => {
  const socket = connect(listener.port, '127.0.0.1');
  socket.end('hello\r\n\r\n');
  expect(await text(socket)).toContain('400 Bad Request');
  expect((await ask(`${url}/%zz`)).status).toBe(404);
  expect((await ask(`${url}/health`)).status).toBe(200);
});

test('/status tells all that is known, and neither command lines nor environments', async () => {
  state = PHASES.stopping;
  const { body } = await ask(`${url}/status`);
  expect(body).not.toContain('sesame');
  expect(JSON.parse(body)).toMatchObject({
    pid: process.pid,
    phase: 'stopping',
    ready: false,
    everReady: true,
    cause: { kind: 'exited', rank: 5, text: 'rank 5 was ended by SIGKILL after the group was ready' },
    supervisor: { host: '127.0.0.1', port: 9_256 },
    processTrees: 'the process table',
    ranks: [
      { rank: 4, localRank: 0, port: 8_000, process: 'running', pid: 1234, healthy: true, last: '200' },
      { rank: 5, localRank: 1, process: 'gone', pid: null, healthy: false, exit: { text: 'was ended by SIGKILL' } },
    ],
  });
  for (const { path } of ROUTES) expect((await ask(url + path.replace(':rank', '4'))).body).not.toContain('sesame');
});

function view(): View {
  const planned = { argv: ['serve', '--api-key', 'sesame'], env: { API_KEY: 'sesame' }, healthUrl: 'http://x/health' };
  return {
    plan: {
      supervisor: { host: '127.0.0.1', port: 9_256 },
      engine: 'generic',
      devices: 'none',
      ports: [],
      notes: [],
      ranks: [
        { rank: 4, localRank: 0, port: 8_000, ...planned },
        { rank: 5, localRank: 1, port: 8_001, ...planned },
      ],
      warnings: [],
    },
    startedAt: performance.now(),
    state: () => state,
    ready: () => state.ready,
    everReady: () => state !== PHASES.starting,
    journal: () => ['{"v":1,"header":{}}'],
    processTrees: () => 'the process table',
  };
}
