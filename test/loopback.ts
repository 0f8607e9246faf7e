// What tests need of the loopback interface: ports that nobody else takes, and questions over connections of their own.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { letGo, portBlock } from './free-ports.ts';

export { hold, letGo } from './free-ports.ts';

/**
 * Finds a block of consecutive free ports and returns its first. The port before it stays taken until the test
 * is over, which is what keeps tests that run at the same time out of each other's blocks.
 */
export async function freePorts(): Promise<number> {
  const { first, claim } = await portBlock();
  onTestFinished(() => letGo(claim));
  return first;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks over a connection of its own; a certificate is not verified. Rejects when there is no answer. */
export async function ask(url: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http;
  const asked = request(url, { method, headers, agent: false, rejectUnauthorized: false });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [http.IncomingMessage];
  return { status: response.statusCode ?? NaN, headers: response.headers, body: await text(response) };
}
