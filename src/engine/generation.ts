import type { FinishReason } from './dialect.ts';
import { paced } from './pace.ts';
import type { GenerationRequest } from './request-body.ts';
import type { RunningRequest } from './running.ts';
import type { EngineState } from './state.ts';
import { countTokens, wordsFor } from './words.ts';

/** OpenAI's account of a request, in tokens. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** A text on its way. */
export interface Generation {
  /** The pieces of the text, paced and counted. They end early, without an error, when the request is aborted. */
  tokens: AsyncGenerator<string>;
  /** How it ends, and what it comes to, when nothing aborts it. */
  finishReason: FinishReason;
  usage: Usage;
}

/** Starts the text that answers a request. Nothing is paced before `tokens` is read. */
export function generate(asked: GenerationRequest, running: RunningRequest, state: EngineState): Generation {
  const text = wordsFor(asked.prompt);
  const words = text.slice(0, asked.maxTokens);
  const finishReason = words.length < text.length ? 'length' : 'stop';
  const promptTokens = countTokens(asked.prompt);
  state.counters.promptTokens += promptTokens;
  running.tokens += promptTokens;
  return {
    tokens: counted(words, finishReason, running, state),
    finishReason,
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: words.length,
      total_tokens: promptTokens + words.length,
    },
  };
}

async function* counted(words: string[], finishReason: FinishReason, running: RunningRequest, state: EngineState) {
  const { counters, tokensPerSecond } = state;
  const { signal } = running;
  let left = words.length;
  try {
    for await (const token of paced(words, { tokensPerSecond, signal, isHung: () => state.fault === 'hang' })) {
      counters.generationTokens += 1;
      running.tokens += 1;
      left -= 1;
      yield token;
    }
  } finally {
    // A reader that goes away ends this generator at its yield, so only the words tell whether all were taken.
    counters.finished[left === 0 ? finishReason : 'abort'] += 1;
  }
}
