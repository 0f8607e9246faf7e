import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** How words are let out. */
export interface Pace {
  /** Above 0; Infinity lets everything out at once. */
  tokensPerSecond: number;
  /** Ends the words early, without an error. */
  signal: AbortSignal;
  /** Asked before each word; once true, none follows until the signal aborts. */
  isHung: () => boolean;
}

/** The words as pieces of a text, each at its time after the call; the first one after one interval. */
export async function* paced(words: string[], { tokensPerSecond, signal, isHung }: Pace): AsyncGenerator<string> {
  const start = performance.now();
  for (const [index, word] of words.entries()) {
    // Due times count from the start, so that timers that fire late do not add up.
    const due = start + ((index + 1) * 1000) / tokensPerSecond;
    await elapse(due - performance.now(), signal);
    if (isHung() && !signal.aborted) await once(signal, 'abort');
    if (signal.aborted) return;
    yield index === 0 ? word : ` ${word}`;
  }
}

async function elapse(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await setTimeout(ms, undefined, { signal });
  } catch {
    // Aborted, which the caller sees by the signal.
  }
}
