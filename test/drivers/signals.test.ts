import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { STOP_SIGNALS } from '../../streams/facts.ts';

test('each stop signal is told by its name, as often as it comes, and ends nothing while somebody listens', async () => {
  const host = await listeningHost();
  for (const signal of [...STOP_SIGNALS, ...STOP_SIGNALS]) {
    host.kill(signal);
    expect(await news(host)).toEqual({ signal });
  }
});

test('when nobody listens any more the signals are the host’s again', async () => {
  const host = await listeningHost();
  host.send('enough');
  const { before, after } = (await news(host)) as { before: number[]; after: number[] };
  expect(after).toEqual(before);
  expect(await once(host, 'exit')).toEqual([0, null]);
});

async function listeningHost() {
  const host = fork(new URL('../fixtures/host.mjs', import.meta.url), ['signals']);
  onTestFinished(() => void host.kill('SIGKILL'));
  expect(await news(host)).toEqual({ signal: null });
  return host;
}

async function news(host: ReturnType<typeof fork>): Promise<unknown> {
  const [message] = await once(host, 'message');
  return message as unknown;
}
