import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Fact } from '../../streams/facts.ts';
import { type Group, supervise, type SuperviseOptions } from '../../src/supervise.ts';
import { ask, freePorts, hold } from '../loopback.ts';
import { type Mark, mark } from '../processes.ts';

afterEach(() => {
  vi.doUnmock('../../src/http/app.ts');
  vi.resetModules();
});

test('/health turns 200 when the last rank is ready, and the ranks are told apart', async () => {
  const { group, url, rankUrl } = await served(['obedient'], { dataParallelSize: 2 });
  await group.listening;
  expect((await ask(`${url}/livez`)).status).toBe(200);
  await ready(group);
  for (const path of ['/health', '/startupz', '/ranks/0/health', '/ranks/1/health']) {
    expect((await ask(url + path)).status).toBe(200);
  }
  const status = JSON.parse((await ask(`${url}/status`)).body) as { ranks: { healthUrl: string }[] };
  expect(status.ranks.map(({ healthUrl }) => healthUrl)).toEqual([`${rankUrl(0)}/health`, `${rankUrl(1)}/health`]);
  group.stop();
  expect(await group.exited).toMatchObject({ status: 0 });
});

test('the port is given up last: while a rank still drains, it answers 503', async () => {
  const { group, url, port, rankUrl } = await served(['slow'], { shutdownTimeout: 60 });
  await ready(group);
  const signalled = firstValueFrom(group.command$.pipe(filter(({ type }) => type === 'SignalRank')));
  group.stop('enough');
  await signalled;
  const { status, body } = await ask(`${url}/health`);
  expect(status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ phase: 'stopping', reason: 'a stop was requested: enough' });
  expect((await ask(`${url}/livez`)).status).toBe(200);
  expect((await ask(`${url}/startupz`)).status).toBe(200);

  await ask(`${rankUrl(0)}/leave`);
  expect(await group.exited).toMatchObject({ status: 0, killed: [] });
  expect(await hold(port)).not.toBeNull();
});

test('when the port is taken, nothing is started and the status is 5', async () => {
  const { group, facts, family } = await served(['obedient'], { dataParallelSize: 2 }, hold);
  expect(await group.exited).toMatchObject({ status: 5, killed: [], left: [], cause: { kind: 'listener-failed' } });
  expect(await group.listening).toBeNull();
  expect(facts.map(({ type }) => type)).toEqual(['ListenerFailed', 'RankStartFailed', 'RankStartFailed']);
  expect(facts[0]).toMatchObject({ error: expect.stringContaining('listens there') });
  expect(family.living()).toEqual([]);
});

test('when the port is lost, the ranks are stopped and the status is 5', async () => {
  const { group, url, facts, family } = await served(['obedient']);
  await ready(group);
  const server = serverOfNextRequest();
  await ask(`${url}/livez`);
  (await server).close();
  expect(await group.exited).toMatchObject({ status: 5, killed: [] });
  expect(facts).toContainEqual({ type: 'ListenerFailed', error: 'the HTTP port was lost: the socket was closed' });
  expect(family.living()).toEqual([]);
});

test('when the routes cannot be loaded, the ranks are stopped and the status is 5', async () => {
  vi.resetModules(); // the tests before have loaded them
  vi.doMock('../../src/http/app.ts', () => ({ serve: () => Promise.reject(new Error('no routes today')) }));
  const { group, family } = await served(['obedient']);
  expect(await group.listening).toBeNull();
  const cause = { kind: 'listener-failed', error: 'no routes today' };
  expect(await group.exited).toMatchObject({ status: 5, cause });
  expect(family.living()).toEqual([]);
});

interface Served {
  readonly group: Group;
  readonly url: string;
  readonly port: number;
  readonly facts: readonly Fact[];
  readonly family: Mark;
  rankUrl(localRank: number): string;
}

async function served(
  manner: readonly string[],
  options: Partial<SuperviseOptions> = {},
  before: (port: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<Served> {
  const family = mark();
  const port = await freePorts();
  await before(port);
  const group = supervise({
    command: [process.execPath, new URL('../fixtures/rank.mjs', import.meta.url).pathname, '{port}', ...manner],
    host: '127.0.0.1',
    port: port + 1,
    dataParallelSupervisorPort: port,
    startupProbeIntervalS: 0.05,
    env: family.env,
    ...options,
  });
  const facts: Fact[] = [];
  group.fact$.subscribe((fact) => facts.push(fact));
  const rankUrl = (localRank: number) => `http://127.0.0.1:${port + 1 + localRank}`;
  return { group, url: `http://127.0.0.1:${port}`, port, facts, family, rankUrl };
}

async function ready(group: Group): Promise<void> {
  for await (const is of group.readiness()) if (is) return;
  throw new Error('the group has ended without having been ready');
}

/** The server of this process that gets the next request. */
function serverOfNextRequest(): Promise<Server> {
  const channel = 'http.server.request.start';
  return new Promise((resolve) => {
    const listener = (message: unknown) => resolve((message as { server: Server }).server);
    subscribe(channel, listener);
    onTestFinished(() => void unsubscribe(channel, listener));
  });
}
