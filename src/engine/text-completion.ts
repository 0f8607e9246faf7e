import type { Choice, Dialect, FinishReason } from './dialect.ts';
import { OpenAIError } from './openai-error.ts';

/** POST /v1/completions. */
export const textCompletion: Dialect = {
  path: '/v1/completions',
  idPrefix: 'cmpl',
  object: 'text_completion',
  chunkObject: 'text_completion',
  // OpenAI: 16 tokens unless asked otherwise, in this API alone.
  defaultMaxTokens: 16,
  readPrompt,
  wholeChoice: choice,
  tokenChoice: (token) => choice(token, null),
  closingChoice: (finishReason) => choice('', finishReason),
};

function readPrompt({ prompt }: Record<string, unknown>): string {
  const one = Array.isArray(prompt) && prompt.length === 1 ? (prompt[0] as unknown) : prompt;
  if (typeof one === 'string') return one;
  throw new OpenAIError(400, 'prompt is required: a string, or a list of exactly one string', { param: 'prompt' });
}

function choice(text: string, finishReason: FinishReason | null): Choice {
  return { index: 0, text, logprobs: null, finish_reason: finishReason };
}
