// A real engine on a free port of 127.0.0.1, closed when the test is over. Only its crash is pretended.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import { startEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';

/** So slow that nothing it generates is over before the test is. */
export const ENDLESS = 0.001;

export interface EngineUnderTest extends Engine {
  url: string;
  /** Every line it logged so far. */
  lines: string[];
  /** The statuses it asked to end the process with. */
  crashes: number[];
}

export async function started(options: Partial<EngineOptions> = {}): Promise<EngineUnderTest> {
  const lines: string[] = [];
  const crashes: number[] = [];
  const engine = await startEngine({
    host: '127.0.0.1',
    port: 0,
    model: 'demo',
    startupDelayMs: 0,
    tokensPerSecond: Infinity,
    drainTimeoutMs: 0,
    log: (line) => lines.push(line),
    crash: (code) => crashes.push(code),
    ...options,
  });
  onTestFinished(() => engine.drain());
  return { ...engine, url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${engine.port}`, lines, crashes };
}

export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
}

/** Starts a streamed chat and resolves when its first event is there: from then on it is running. */
export async function runningChat({ url }: EngineUnderTest, init: RequestInit = {}): Promise<RunningChat> {
  const messages = [{ role: 'user', content: 'tell me a story' }];
  const response = await post(`${url}/v1/chat/completions`, { messages, stream: true }, init);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toContain('"role":"assistant"');
  return {
    async rest() {
      let text = '';
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += piece.value;
      return text;
    },
  };
}

export interface RunningChat {
  /** What follows the first event. Rejects when it is cut. */
  rest(): Promise<string>;
}

/** Resolves when a server of this process has received the head of a request for `path`. */
export function received(path: string): Promise<void> {
  const channel = 'http.server.request.start';
  return new Promise((resolve) => {
    const listener = (message: unknown) => {
      if ((message as { request: IncomingMessage }).request.url !== path) return;
      unsubscribe(channel, listener);
      resolve();
    };
    subscribe(channel, listener);
    onTestFinished(() => void unsubscribe(channel, listener));
  });
}

/** Resolves once a line of the metrics is as given, which it must be within 5 seconds. */
export async function metric({ url }: EngineUnderTest, line: string): Promise<void> {
  await expect
    .poll(async () => (await (await fetch(`${url}/metrics`)).text()).split('\n'), { timeout: 5_000 })
    .toContain(line);
}
