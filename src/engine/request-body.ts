import type { Dialect } from './dialect.ts';
import { OpenAIError } from './openai-error.ts';

/** A parsed JSON object that nobody checked yet. */
export type JsonObject = Record<string, unknown>;

/** What a client asked for, checked. */
export interface GenerationRequest {
  prompt: string;
  /** At least 1; Infinity when there is no bound. */
  maxTokens: number;
  stream: boolean;
  /** Whether a stream ends with a chunk of usage. */
  includeUsage: boolean;
}

/** Reads a parsed JSON body. Throws OpenAIError with 404 for a model that is not served, else with 400. */
export function readRequest(body: unknown, dialect: Dialect, servedModel: string): GenerationRequest {
  if (!isObject(body)) throw new OpenAIError(400, 'the body must be a JSON object');
  checkModel(body['model'], servedModel);
  const { n = null } = body;
  if (n !== null && n !== 1) {
    throw new OpenAIError(400, `n must be 1, not ${JSON.stringify(n)}: one answer a request`, { param: 'n' });
  }
  const options = body['stream_options'];
  return {
    prompt: dialect.readPrompt(body),
    maxTokens:
      readMaxTokens(body, 'max_completion_tokens') ?? readMaxTokens(body, 'max_tokens') ?? dialect.defaultMaxTokens,
    stream: readFlag(body, 'stream'),
    includeUsage: isObject(options) && readFlag(options, 'include_usage'),
  };
}

/** Whether a parsed JSON value is an object, which neither null nor a list is. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// vLLM: a request without a model goes to the one that is served.
function checkModel(model: unknown, servedModel: string): void {
  if (model === undefined || model === null || model === servedModel) return;
  if (typeof model !== 'string') throw new OpenAIError(400, 'model must be a string', { param: 'model' });
  throw new OpenAIError(404, `the model "${model}" does not exist: "${servedModel}" is served`, {
    param: 'model',
    code: 'model_not_found',
  });
}

function readMaxTokens(body: JsonObject, param: string): number | undefined {
  const value = body[param] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new OpenAIError(400, `${param} must be a whole number of at least 1, not ${JSON.stringify(value)}`, { param });
}

function readFlag(body: JsonObject, param: string): boolean {
  const value = body[param] ?? false;
  if (typeof value === 'boolean') return value;
  throw new OpenAIError(400, `${param} must be true or false, not ${JSON.stringify(value)}`, { param });
}
