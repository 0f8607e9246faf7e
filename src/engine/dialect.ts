import type { JsonObject } from './request-body.ts';

/** Why a text ended, as OpenAI says it. */
export type FinishReason = 'stop' | 'length';

/** Where the two generating APIs differ: how they are asked, and the `choices` they answer with. */
export interface Dialect {
  path: string;
  idPrefix: string;
  /** The `object` of a whole answer, and of one chunk of a stream. */
  object: string;
  chunkObject: string;
  /** How many tokens are generated when the request sets no bound; Infinity: until the text ends. */
  defaultMaxTokens: number;
  /** The prompt in a request's body. Throws OpenAIError when there is none, or not one that can be read. */
  readPrompt(body: JsonObject): string;
  wholeChoice(text: string, finishReason: FinishReason): Choice;
  /** The choice of the chunk before the first token, where there is one. */
  openingChoice?: Choice;
  tokenChoice(token: string): Choice;
  closingChoice(finishReason: FinishReason): Choice;
}

/** One of `choices`, whole or a piece of it; the text is under a name of the dialect's own. */
export interface Choice {
  index: 0;
  finish_reason: FinishReason | null;
  logprobs: null;
  [part: string]: unknown;
}
