import { afterEach, expect, test, vi } from 'vitest';
import { MAX_TIMER_MS } from '../../src/engine/engine.ts';
import { post, started } from './engine-under-test.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('health and every model route answer 503 until the startup delay is over', async () => {
  const { url, lines } = await started({ startupDelayMs: MAX_TIMER_MS });
  const answers = await Promise.all([
    fetch(`${url}/health`),
    fetch(`${url}/v1/models`),
    post(`${url}/v1/completions`, { prompt: 'hello' }),
    post(`${url}/v1/chat/completions`, '{malformed'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
  expect(await answers[0].text()).toBe('starting\n');
  const error = { message: 'the engine is starting', type: 'server_error', param: null, code: 'service_unavailable' };
  expect(await answers[1].json()).toEqual({ error });
  expect(await answers[2].json()).toEqual({ error });
  expect(await answers[3].json()).toEqual({ error });
  expect(lines).toEqual([`listening on ${url}`]);
});

test('once the startup delay is over it says that it is ready, and health answers 200 with nothing in it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { url, port, lines } = await started({ startupDelayMs: 5_000 });
  vi.advanceTimersByTime(4_999);
  expect(lines).toEqual([`listening on http://127.0.0.1:${port}`]);
  vi.advanceTimersByTime(1);
  expect(lines.slice(1)).toEqual(['ready: serving demo']);
  const health = await fetch(`${url}/health`);
  expect(health.status).toBe(200);
  expect(await health.text()).toBe('');
});

test('without a startup delay it is ready as soon as it listens', async () => {
  const { url, lines } = await started();
  expect(lines).toEqual([`listening on ${url}`, 'ready: serving demo']);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test('a drain during startup ends the startup too', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const engine = await started({ startupDelayMs: 5_000 });
  await engine.drain();
  vi.advanceTimersByTime(5_000);
  expect(engine.lines).toEqual([`listening on ${engine.url}`, 'draining: 0 running']);
});

test('a port that is taken rejects with the error of the socket', async () => {
  const { port } = await started();
  await expect(started({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test.each([
  { startupDelayMs: -1 },
  { startupDelayMs: NaN },
  { drainTimeoutMs: MAX_TIMER_MS + 1 },
  { tokensPerSecond: 0 },
  { tokensPerSecond: NaN },
])('%o is out of bounds and rejected before anything listens', async (option) => {
  const lines: string[] = [];
  const start = started({ ...option, log: (line) => lines.push(line) });
  await expect(start).rejects.toThrow(RangeError);
  await expect(start).rejects.toThrow(Object.keys(option)[0]);
  expect(lines).toEqual([]);
});

test('the root tells in two lines of plain text what can be asked', async () => {
  const { url } = await started();
  const root = await fetch(url);
  expect(root.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const text = await root.text();
  expect(text.split('\n')).toHaveLength(3);
  for (const path of ['/health', '/metrics', '/v1/models', '/v1/completions', '/v1/chat/completions', '/fault/hang']) {
    expect(text).toContain(path);
  }
});
