import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { paced } from '../../src/engine/pace.ts';

const words = ['one', 'two', 'three'];
const never = new AbortController().signal;

test('the pieces put together are the words with a space between', async () => {
  const pieces: string[] = [];
  for await (const piece of paced(words, { tokensPerSecond: Infinity, signal: never, isHung: () => false })) {
    pieces.push(piece);
  }
  expect(pieces).toEqual(['one', ' two', ' three']);
});

test('an abort ends the words in the middle of the wait for one', async () => {
  const client = new AbortController();
  const pieces = paced(words, { tokensPerSecond: 0.001, signal: client.signal, isHung: () => false });
  const next = pieces.next();
  // A turn of the loop, in which the word would have come.
  await setImmediate();
  client.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('a hang holds the next word back until the abort', async () => {
  const client = new AbortController();
  let hung = false;
  const pieces = paced(words, { tokensPerSecond: Infinity, signal: client.signal, isHung: () => hung });
  expect(await pieces.next()).toEqual({ done: false, value: 'one' });
  hung = true;
  const next = pieces.next();
  // A turn of the loop, in which the word would have come.
  await setImmediate();
  client.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
