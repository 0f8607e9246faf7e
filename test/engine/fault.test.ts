import { expect, test } from 'vitest';
import { ENDLESS, post, received, runningChat, started } from './engine-under-test.ts';

test('crash is answered first, and ends the process with status 1 then', async () => {
  const { url, lines, crashes } = await started();
  const response = await fetch(`${url}/fault/crash`, { method: 'POST' });
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ fault: 'crash' });
  await expect.poll(() => crashes, { timeout: 5_000 }).toEqual([1]);
  expect(lines.at(-1)).toBe('fault crash');
});

test('unavailable turns health to 503 and nothing else, until none turns it back', async () => {
  const { url, lines } = await started();
  expect((await fetch(`${url}/fault/unavailable`, { method: 'POST' })).status).toBe(202);
  const health = await fetch(`${url}/health`);
  expect(health.status).toBe(503);
  expect(await health.text()).toBe('unavailable\n');
  expect((await post(`${url}/v1/completions`, { prompt: 'hello' })).status).toBe(200);
  expect((await fetch(`${url}/fault/none`, { method: 'POST' })).status).toBe(202);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(lines.slice(2)).toEqual(['fault unavailable', 'fault none']);
});

test.each([
  ['GET', '/health'],
  ['GET', '/nowhere'],
  ['POST', '/fault/none'],
])('once hung, %s %s is accepted and never answered, and a drain closes at once', async (method, path) => {
  const engine = await started({ tokensPerSecond: ENDLESS, drainTimeoutMs: 60_000 });
  const running = await runningChat(engine);
  expect((await fetch(`${engine.url}/fault/hang`, { method: 'POST' })).status).toBe(202);
  const accepted = received(path);
  const answer = fetch(engine.url + path, { method }).then(
    ({ status }) => `answered ${status}`,
    () => 'cut',
  );
  await accepted;
  await engine.drain();
  expect(await answer).toBe('cut');
  await expect(running.rest()).rejects.toThrow();
  expect(engine.lines.slice(2)).toEqual(['fault hang', 'draining: 1 running']);
});

test.each(['application/json', 'application/x-www-form-urlencoded'])(
  'a fault takes no body, and minds none of type %s',
  async (type) => {
    const { url } = await started();
    for (const body of ['', 'x=1']) {
      const response = await fetch(`${url}/fault/none`, { method: 'POST', headers: { 'content-type': type }, body });
      expect(response.status).toBe(202);
    }
  },
);

test('an unknown fault is refused with 404 that lists the legal ones', async () => {
  const { url, lines } = await started();
  const response = await fetch(`${url}/fault/flood`, { method: 'POST' });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({
    error: { message: 'there is no fault "flood": expected one of crash, hang, unavailable, none' },
  });
  expect(lines).toHaveLength(2);
});
