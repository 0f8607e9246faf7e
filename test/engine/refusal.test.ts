import { expect, test } from 'vitest';
import { post, started } from './engine-under-test.ts';

const messages = [{ role: 'user', content: 'hello' }];

test.each([
  { title: 'malformed JSON', path: 'completions', body: '{"prompt": ', message: 'JSON', param: null },
  { title: 'an empty body', path: 'completions', body: '', message: 'empty', param: null },
  { title: 'a list', path: 'completions', body: [], message: 'a JSON object', param: null },
  { title: 'a missing prompt', path: 'completions', body: {}, message: 'prompt is required', param: 'prompt' },
  { title: 'two prompts', path: 'completions', body: { prompt: ['a', 'b'] }, message: 'exactly one', param: 'prompt' },
  { title: 'missing messages', path: 'chat/completions', body: {}, message: 'messages is req', param: 'messages' },
  {
    title: 'no messages',
    path: 'chat/completions',
    body: { messages: [] },
    message: 'at least one',
    param: 'messages',
  },
  {
    title: 'a message without a role',
    path: 'chat/completions',
    body: { messages: [...messages, { content: 'hello' }] },
    message: 'a role and a content',
    param: 'messages[1]',
  },
  {
    title: 'a message with an image',
    path: 'chat/completions',
    body: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    message: 'text only',
    param: 'messages[0]',
  },
  { title: 'n of 2', path: 'chat/completions', body: { messages, n: 2 }, message: 'n must be 1, not 2', param: 'n' },
  {
    title: 'max_tokens of 0',
    path: 'completions',
    body: { prompt: 'a', max_tokens: 0 },
    message: 'at least 1, not 0',
    param: 'max_tokens',
  },
  {
    title: 'max_completion_tokens that is text',
    path: 'chat/completions',
    body: { messages, max_completion_tokens: '9' },
    message: 'not "9"',
    param: 'max_completion_tokens',
  },
  { title: 'stream of 1', path: 'completions', body: { prompt: 'a', stream: 1 }, message: 'not 1', param: 'stream' },
  { title: 'a model of 7', path: 'completions', body: { prompt: 'a', model: 7 }, message: 'a string', param: 'model' },
])('$title is refused with 400 and an error that names what is wrong', async ({ path, body, message, param }) => {
  const { url } = await started();
  const response = await post(`${url}/v1/${path}`, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: { message: expect.stringContaining(message), type: 'invalid_request_error', param, code: null },
  });
});

test('null stands for absent, in every field that may be absent', async () => {
  const { url } = await started();
  const absent = { model: null, n: null, max_tokens: null, stream: null, stream_options: null };
  expect((await post(`${url}/v1/completions`, { prompt: ['a'], ...absent })).status).toBe(200);
});

test('a model that is not served is refused with 404 and told which one is', async () => {
  const { url } = await started();
  const response = await post(`${url}/v1/chat/completions`, { model: 'gpt-9', messages });
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    error: {
      message: 'the model "gpt-9" does not exist: "demo" is served',
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    },
  });
});

test.each([
  ['GET', '/v1/completions'],
  ['POST', '/v1/embeddings'],
  ['GET', '/nowhere'],
])('%s %s is not there, and 404 says so in the shape of OpenAI', async (method, path) => {
  const { url } = await started();
  const response = await fetch(url + path, { method });
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    error: {
      message: `there is no ${method} ${path} here`,
      type: 'invalid_request_error',
      param: null,
      code: 'unknown_url',
    },
  });
});
