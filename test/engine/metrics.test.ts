import { expect, test } from 'vitest';
import { ENDLESS, metric, post, runningChat, started } from './engine-under-test.ts';

test('a fresh engine has every metric, with its help and type, at zero', async () => {
  const { url } = await started();
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await response.text()).toBe(
    [
      '# HELP vllm:num_requests_running Number of requests that generate now.',
      '# TYPE vllm:num_requests_running gauge',
      'vllm:num_requests_running{model_name="demo"} 0',
      '# HELP vllm:num_requests_waiting Number of requests waiting to be processed.',
      '# TYPE vllm:num_requests_waiting gauge',
      'vllm:num_requests_waiting{model_name="demo"} 0',
      '# HELP vllm:kv_cache_usage_perc KV-cache usage. 1 means 100 percent usage.',
      '# TYPE vllm:kv_cache_usage_perc gauge',
      'vllm:kv_cache_usage_perc{model_name="demo"} 0',
      '# HELP vllm:prompt_tokens_total Number of prompt tokens processed.',
      '# TYPE vllm:prompt_tokens_total counter',
      'vllm:prompt_tokens_total{model_name="demo"} 0',
      '# HELP vllm:generation_tokens_total Number of generation tokens processed.',
      '# TYPE vllm:generation_tokens_total counter',
      'vllm:generation_tokens_total{model_name="demo"} 0',
      '# HELP vllm:request_success_total Count of processed requests, by the reason they ended.',
      '# TYPE vllm:request_success_total counter',
      'vllm:request_success_total{model_name="demo",finished_reason="stop"} 0',
      'vllm:request_success_total{model_name="demo",finished_reason="length"} 0',
      'vllm:request_success_total{model_name="demo",finished_reason="abort"} 0',
      '',
    ].join('\n'),
  );
});

test('finished requests count their tokens and the reason they ended', async () => {
  const engine = await started();
  await (await post(`${engine.url}/v1/completions`, { prompt: 'one two three', max_tokens: 4 })).text();
  await (await post(`${engine.url}/v1/completions`, { prompt: 'four', max_tokens: 5, stream: true })).text();
  const stopped = await post(`${engine.url}/v1/completions`, { prompt: 'five', max_tokens: 1000 });
  const { usage } = (await stopped.json()) as { usage: { completion_tokens: number } };
  await metric(engine, 'vllm:prompt_tokens_total{model_name="demo"} 5');
  await metric(engine, `vllm:generation_tokens_total{model_name="demo"} ${9 + usage.completion_tokens}`);
  await metric(engine, 'vllm:request_success_total{model_name="demo",finished_reason="length"} 2');
  await metric(engine, 'vllm:request_success_total{model_name="demo",finished_reason="stop"} 1');
  await metric(engine, 'vllm:kv_cache_usage_perc{model_name="demo"} 0');
});

test('running requests are counted, and hold their tokens in the cache', async () => {
  const engine = await started({ tokensPerSecond: ENDLESS });
  await Promise.all([runningChat(engine), runningChat(engine)]);
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 2');
  // Four words of prompt each, of 65536.
  await metric(engine, `vllm:kv_cache_usage_perc{model_name="demo"} ${8 / 65_536}`);
});

test('a refused request counts for nothing', async () => {
  const engine = await started();
  await post(`${engine.url}/v1/completions`, { prompt: 'one two', n: 3 });
  await metric(engine, 'vllm:prompt_tokens_total{model_name="demo"} 0');
  await metric(engine, 'vllm:num_requests_running{model_name="demo"} 0');
});

test('quotes, backslashes and newlines in the name of the model are escaped in the label', async () => {
  const engine = await started({ model: 'a "b"\\c\nd' });
  await metric(engine, 'vllm:num_requests_running{model_name="a \\"b\\"\\\\c\\nd"} 0');
});
