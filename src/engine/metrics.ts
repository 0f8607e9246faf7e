import type { RunningRequests } from './running.ts';

/** Why a generation ended, in vLLM's words; `abort` when the client left or was cut. */
export type FinishedReason = 'stop' | 'length' | 'abort';

/** What the engine counted since its start. */
export interface Counters {
  promptTokens: number;
  generationTokens: number;
  finished: Record<FinishedReason, number>;
}

/** The content type of Prometheus' text format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The tokens that the pretended KV cache has room for. */
export const KV_CACHE_TOKENS = 65_536;

/** All at zero; every reason is there from the start, so that a rate over it has a first value. */
export function newCounters(): Counters {
  return { promptTokens: 0, generationTokens: 0, finished: { stop: 0, length: 0, abort: 0 } };
}

/** The metrics as Prometheus text, under vLLM's names. */
export function renderMetrics(model: string, counters: Counters, running: RunningRequests): string {
  const family = (name: string, type: 'gauge' | 'counter', help: string, samples: Sample[]) => [
    `# HELP vllm:${name} ${help}`,
    `# TYPE vllm:${name} ${type}`,
    ...samples.map(({ labels, value }) => `vllm:${name}${renderLabels({ model_name: model, ...labels })} ${value}`),
  ];
  const finished = Object.entries(counters.finished).map(([reason, value]) => ({
    labels: { finished_reason: reason },
    value,
  }));
  const usage = Math.min(1, running.tokens / KV_CACHE_TOKENS);
  return [
    family('num_requests_running', 'gauge', 'Number of requests that generate now.', [{ value: running.size }]),
    // Every request starts at once, so none ever waits; dashboards ask for the gauge all the same.
    family('num_requests_waiting', 'gauge', 'Number of requests waiting to be processed.', [{ value: 0 }]),
    family('kv_cache_usage_perc', 'gauge', 'KV-cache usage. 1 means 100 percent usage.', [{ value: usage }]),
    family('prompt_tokens_total', 'counter', 'Number of prompt tokens processed.', [{ value: counters.promptTokens }]),
    family('generation_tokens_total', 'counter', 'Number of generation tokens processed.', [
      { value: counters.generationTokens },
    ]),
    family('request_success_total', 'counter', 'Count of processed requests, by the reason they ended.', finished),
  ]
    .flat()
    .map((line) => `${line}\n`)
    .join('');
}

interface Sample {
  labels?: Record<string, string>;
  value: number;
}

function renderLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
