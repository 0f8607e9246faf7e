import type { Choice, Dialect, FinishReason } from './dialect.ts';
import { OpenAIError } from './openai-error.ts';
import { isObject } from './request-body.ts';

/** POST /v1/chat/completions. */
export const chatCompletion: Dialect = {
  path: '/v1/chat/completions',
  idPrefix: 'chatcmpl',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  defaultMaxTokens: Infinity,
  readPrompt: readMessages,
  wholeChoice: (content, finishReason) => ({
    index: 0,
    message: { role: 'assistant', content, refusal: null },
    logprobs: null,
    finish_reason: finishReason,
  }),
  openingChoice: delta({ role: 'assistant', content: '' }, null),
  tokenChoice: (content) => delta({ content }, null),
  closingChoice: (finishReason) => delta({}, finishReason),
};

function readMessages({ messages }: Record<string, unknown>): string {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new OpenAIError(400, 'messages is required: a list of at least one message', { param: 'messages' });
  }
  return messages.map(readMessage).join('\n');
}

function readMessage(message: unknown, index: number): string {
  const param = `messages[${index}]`;
  if (!isObject(message) || typeof message['role'] !== 'string') {
    throw new OpenAIError(400, `${param} must be an object with a role and a content`, { param });
  }
  const { content } = message;
  if (typeof content === 'string') return content;
  // An assistant's message that only calls tools has no content.
  if (content === null || (content === undefined && message['role'] === 'assistant')) return '';
  if (Array.isArray(content)) return content.map((part: unknown) => readPart(part, param)).join(' ');
  throw new OpenAIError(400, `${param}.content must be a string or a list of text parts`, { param });
}

function readPart(part: unknown, param: string): string {
  if (isObject(part) && part['type'] === 'text' && typeof part['text'] === 'string') return part['text'];
  throw new OpenAIError(400, `${param}.content must have parts of type text only`, { param });
}

function delta(part: Record<string, string>, finishReason: FinishReason | null): Choice {
  return { index: 0, delta: part, logprobs: null, finish_reason: finishReason };
}
