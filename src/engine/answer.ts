import { randomUUID } from 'node:crypto';
import type { Choice, Dialect } from './dialect.ts';
import type { Generation, Usage } from './generation.ts';

/** What every object of one answer has in common. */
export interface Envelope {
  id: string;
  /** Unix time in seconds. */
  created: number;
  model: string;
}

/** A new id, made now. */
export function newEnvelope(dialect: Dialect, model: string): Envelope {
  const id = `${dialect.idPrefix}-${randomUUID().replaceAll('-', '')}`;
  return { id, created: Math.floor(Date.now() / 1000), model };
}

/** The answer in one piece, once the last token is there; what there is of it when the generation is aborted. */
export async function wholeAnswer(dialect: Dialect, envelope: Envelope, generation: Generation) {
  let text = '';
  for await (const token of generation.tokens) text += token;
  const { finishReason, usage } = generation;
  return { ...envelope, object: dialect.object, choices: [dialect.wholeChoice(text, finishReason)], usage };
}

/** The answer as server-sent events, each token when it is there. */
export async function* streamedAnswer(
  dialect: Dialect,
  envelope: Envelope,
  { tokens, finishReason, usage }: Generation,
  includeUsage: boolean,
): AsyncGenerator<string> {
  const chunk = (choices: Choice[], total: Usage | null = null) =>
    event(
      JSON.stringify({
        ...envelope,
        object: dialect.chunkObject,
        choices,
        // OpenAI: when usage was asked for, every chunk has the field, and all but the last have it null.
        ...(includeUsage ? { usage: total } : {}),
      }),
    );
  if (dialect.openingChoice) yield chunk([dialect.openingChoice]);
  for await (const token of tokens) yield chunk([dialect.tokenChoice(token)]);
  yield chunk([dialect.closingChoice(finishReason)]);
  if (includeUsage) yield chunk([], usage);
  yield event('[DONE]');
}

function event(data: string): string {
  return `data: ${data}\n\n`;
}
