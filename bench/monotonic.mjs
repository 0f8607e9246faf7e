import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds on the monotonic clock, comparable with what other processes of this machine read from it. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Rejects when it takes longer than `ms`. */
export async function within(ms, what, promise) {
  const over = new AbortController();
  const limit = delay(ms, undefined, { signal: over.signal }).then(
    () => {
      throw new Error(`${what}: not within ${ms / 1_000} s`);
    },
    () => undefined,
  );
  try {
    return await Promise.race([promise, limit]);
  } finally {
    over.abort();
  }
}
