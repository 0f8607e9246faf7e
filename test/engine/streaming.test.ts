import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ENDLESS, metric, post, runningChat, started } from './engine-under-test.ts';

interface Chunk {
  id: string;
  choices: { text?: string; delta?: { content?: string }; finish_reason: string | null }[];
}

test('a streamed completion has the text of the whole one, a token a chunk, and then [DONE]', async () => {
  const { url } = await started({ tokensPerSecond: 1000 });
  const body = { prompt: 'once upon a time', max_tokens: 5 };
  const whole = (await (await post(`${url}/v1/completions`, body)).json()) as Chunk;
  const response = await post(`${url}/v1/completions`, { ...body, stream: true });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const chunks = await readChunks(response);
  const [first] = chunks;
  expect(first).toEqual({
    id: expect.stringMatching(/^cmpl-/),
    object: 'text_completion',
    created: expect.any(Number),
    model: 'demo',
    choices: [{ index: 0, text: expect.stringMatching(/^\w+$/), logprobs: null, finish_reason: null }],
  });
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, null, null, 'length']);
  expect(chunks.map(({ choices }) => choices[0]?.text).join('')).toBe(whole.choices[0]?.text);
});

test('a streamed chat starts with the role, goes on with content, and ends with the finish reason', async () => {
  const { url } = await started();
  const messages = [{ role: 'user', content: 'hello' }];
  const body = { messages, max_tokens: 2, stream: true };
  const chunks = await readChunks(await post(`${url}/v1/chat/completions`, body));
  expect(chunks[0]).toEqual({
    id: expect.stringMatching(/^chatcmpl-/),
    object: 'chat.completion.chunk',
    created: expect.any(Number),
    model: 'demo',
    choices: [{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }],
  });
  expect(chunks.slice(1).map(({ choices }) => choices[0])).toEqual([
    { index: 0, delta: { content: expect.stringMatching(/^\w+$/) }, logprobs: null, finish_reason: null },
    { index: 0, delta: { content: expect.stringMatching(/^ \w+$/) }, logprobs: null, finish_reason: null },
    { index: 0, delta: {}, logprobs: null, finish_reason: 'length' },
  ]);
});

test('usage, when asked for, is null in every chunk but one more at the end', async () => {
  const { url } = await started();
  const options = { stream: true, stream_options: { include_usage: true } };
  const chunks = await readChunks(await post(`${url}/v1/completions`, { prompt: 'a b', max_tokens: 1, ...options }));
  expect(chunks).toMatchObject([
    { choices: [{ finish_reason: null }], usage: null },
    { choices: [{ finish_reason: 'length' }], usage: null },
    { choices: [], usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 } },
  ]);
});

test('a client that leaves a stream stops its generation', async () => {
  const engine = await started({ tokensPerSecond: ENDLESS });
  const client = new AbortController();
  await runningChat(engine, { signal: client.signal });
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 1');
  client.abort();
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 0');
  await metric(engine, 'vllm:request_success_total{model_name="demo",finished_reason="abort"} 1');
});

test('a client that leaves before a whole answer stops its generation too', async () => {
  const engine = await started({ tokensPerSecond: ENDLESS });
  const client = new AbortController();
  const answer = post(`${engine.url}/v1/completions`, { prompt: 'hello' }, { signal: client.signal });
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 1');
  client.abort();
  await expect(answer).rejects.toThrow('abort');
  await metric(engine, 'vllm:request_success_total{model_name="demo",finished_reason="abort"} 1');
});

test('a client that leaves stops what it pipelined too, of which no answer has begun', async () => {
  const engine = await started({ tokensPerSecond: ENDLESS });
  const client = connect(engine.port, '127.0.0.1');
  const body = '{"prompt":"hello"}';
  const head = `POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
  client.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`.repeat(2));
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 2');
  client.destroy();
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 0');
});

async function readChunks(response: Response): Promise<Chunk[]> {
  const events = (await response.text()).split('\n\n');
  expect(events.splice(-2)).toEqual(['data: [DONE]', '']);
  return events.map((event) => JSON.parse(event.replace(/^data: /, '')) as Chunk);
}
