import { expect, test } from 'vitest';
import { TEXT_LENGTH } from '../../src/engine/words.ts';
import { post, started } from './engine-under-test.ts';

interface Completion {
  id: string;
  created: number;
  choices: { text: string; finish_reason: string }[];
}

test('the models list has the one model in the shape of OpenAI', async () => {
  const { url } = await started({ model: 'org/model' });
  expect(await (await fetch(`${url}/v1/models`)).json()).toEqual({
    object: 'list',
    data: [{ id: 'org/model', object: 'model', created: expect.any(Number), owned_by: 'dp-supervisor' }],
  });
});

test('a completion has as many words as max_tokens allows, and accounts for them', async () => {
  const { url } = await started();
  const response = await post(`${url}/v1/completions`, { model: 'demo', prompt: 'once  upon a\ttime', max_tokens: 3 });
  const completion = (await response.json()) as Completion;
  expect(completion).toEqual({
    id: expect.stringMatching(/^cmpl-[0-9a-f]{32}$/),
    object: 'text_completion',
    created: expect.any(Number),
    model: 'demo',
    choices: [{ index: 0, text: expect.stringMatching(/^\w+ \w+ \w+$/), logprobs: null, finish_reason: 'length' }],
    usage: { prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 },
  });
  expect(Math.abs(completion.created - Date.now() / 1000)).toBeLessThan(60);
});

test('a chat completion is an assistant message that ends by itself', async () => {
  const { url } = await started();
  const messages = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: [{ type: 'text', text: 'tell me a story' }] },
  ];
  const response = await post(`${url}/v1/chat/completions`, { model: 'demo', messages });
  const completion = (await response.json()) as { choices: [{ message: { content: string } }] };
  const words = completion.choices[0].message.content.split(' ').length;
  expect(words).toBeGreaterThanOrEqual(TEXT_LENGTH.min);
  expect(words).toBeLessThanOrEqual(TEXT_LENGTH.max);
  expect(completion).toEqual({
    id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
    object: 'chat.completion',
    created: expect.any(Number),
    model: 'demo',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: expect.any(String), refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 6, completion_tokens: words, total_tokens: 6 + words },
  });
});

test('max_completion_tokens goes before max_tokens', async () => {
  const { url } = await started();
  const messages = [{ role: 'user', content: 'hello' }];
  const bounds = { max_completion_tokens: 2, max_tokens: 5 };
  const response = await post(`${url}/v1/chat/completions`, { messages, ...bounds });
  expect(await response.json()).toMatchObject({ usage: { completion_tokens: 2 } });
});

test('a completion without max_tokens is bounded at 16 tokens, as OpenAI has it', async () => {
  const { url } = await started();
  const lengths = ['one', 'two', 'three', 'four', 'five', 'six'].map(async (prompt) => {
    const completion = (await (await post(`${url}/v1/completions`, { prompt })).json()) as Completion;
    return completion.choices[0]?.text.split(' ').length;
  });
  expect(Math.max(...((await Promise.all(lengths)) as number[]))).toBe(16);
});

test('the same prompt has the same text, on any engine, and another prompt has another', async () => {
  const engines = await Promise.all([started(), started({ model: 'other' })]);
  const text = async (url: string, prompt: string) => {
    const completion = (await (await post(`${url}/v1/completions`, { prompt })).json()) as Completion;
    return completion.choices[0]?.text;
  };
  const first = await text(engines[0].url, 'a prompt');
  expect(first).toMatch(/^\w+( \w+)+$/);
  expect(await text(engines[0].url, 'a prompt')).toBe(first);
  expect(await text(engines[1].url, 'a prompt')).toBe(first);
  expect(await text(engines[0].url, 'a prompt.')).not.toBe(first);
});

test('a completion takes at least the time its tokens need', async () => {
  const { url } = await started({ tokensPerSecond: 50 });
  const start = performance.now();
  await (await post(`${url}/v1/completions`, { prompt: 'hello', max_tokens: 6 })).json();
  // 120 ms, less what a timer may fire early.
  expect(performance.now() - start).toBeGreaterThan(115);
});
