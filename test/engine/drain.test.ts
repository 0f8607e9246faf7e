import { once } from 'node:events';
import { Agent, get, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ENDLESS, metric, post, received, runningChat, started } from './engine-under-test.ts';

test('a drain lets a running request finish, and closes the server then', async () => {
  const engine = await started({ tokensPerSecond: 40, drainTimeoutMs: 60_000 });
  const running = await runningChat(engine);
  const drained = engine.drain();
  expect(await running.rest()).toMatch(/"finish_reason":"stop"[^\n]*\n\ndata: \[DONE\]\n\n$/);
  await drained;
  await engine.closed;
  await expect(fetch(`${engine.url}/health`)).rejects.toThrow();
  expect(engine.lines.at(-1)).toBe('draining: 1 running');
});

test('while it drains, new work and health are refused with 503 and the connection is given up', async () => {
  const engine = await started({ tokensPerSecond: ENDLESS, drainTimeoutMs: 60_000 });
  const client = new AbortController();
  await runningChat(engine, { signal: client.signal });
  const drained = engine.drain();
  const health = await fetch(`${engine.url}/health`);
  expect(health.status).toBe(503);
  expect(health.headers.get('connection')).toBe('close');
  expect(await health.text()).toBe('draining\n');
  const refused = await post(`${engine.url}/v1/completions`, { prompt: 'hello' });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ error: { message: 'the engine is draining' } });
  client.abort();
  await drained;
});

test('a request whose body arrives after the drain began is refused with 503', async () => {
  const engine = await started({ tokensPerSecond: ENDLESS, drainTimeoutMs: 60_000 });
  const client = new AbortController();
  await runningChat(engine, { signal: client.signal });
  const headArrived = received('/v1/completions');
  const late = request(`${engine.url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  late.flushHeaders();
  await headArrived;
  const drained = engine.drain();
  late.end('{"prompt":"hello"}');
  const [response] = (await once(late, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(503);
  response.resume();
  client.abort();
  await drained;
});

test.each([0, 40])('what still runs after a drain timeout of %i ms is cut', async (drainTimeoutMs) => {
  const engine = await started({ tokensPerSecond: ENDLESS, drainTimeoutMs });
  const chat = await runningChat(engine);
  const answers = [
    post(`${engine.url}/v1/completions`, { prompt: 'hello' }),
    post(`${engine.url}/v1/completions`, { prompt: 'hello', stream: true }),
  ].map((answer) => expect(answer).rejects.toThrow('fetch failed'));
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 3');
  await engine.drain();
  await expect(chat.rest()).rejects.toThrow('terminated');
  await Promise.all(answers);
});

test('connections that are idle, or never said a word, do not delay a drain', async () => {
  const engine = await started({ drainTimeoutMs: 60_000 });
  const silent = connect(engine.port, '127.0.0.1');
  await once(silent, 'connect');
  const agent = new Agent({ keepAlive: true });
  const [response] = (await once(get(`${engine.url}/health`, { agent }), 'response')) as [IncomingMessage];
  const { socket } = response;
  await text(response);
  expect(socket.destroyed).toBe(false);
  const ends = [once(socket, 'close'), once(silent, 'close')];
  await engine.drain();
  await Promise.all(ends);
});

test('every call of drain joins the first', async () => {
  const engine = await started();
  expect(engine.drain()).toBe(engine.drain());
  await engine.closed;
  expect(engine.lines.filter((line) => line.startsWith('draining'))).toHaveLength(1);
});
