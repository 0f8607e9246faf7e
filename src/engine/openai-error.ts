/** A refusal that the client is told in OpenAI's error shape. `status` is the HTTP status, 400 to 599. */
export class OpenAIError extends Error {
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, { param = null, code = null }: ErrorDetail = {}) {
    super(message);
    this.name = 'OpenAIError';
    this.status = status;
    this.param = param;
    this.code = code;
  }

  /** The body as OpenAI's clients parse it; `type` follows the status. */
  toJSON() {
    const type = this.status >= 500 ? 'server_error' : 'invalid_request_error';
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}

/** Makes an OpenAIError of whatever was thrown: fastify's own refusals keep their status, a bug of ours is a 500. */
export function toOpenAIError(error: unknown): OpenAIError {
  if (error instanceof OpenAIError) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return new OpenAIError(status, (error as Error).message);
  return new OpenAIError(500, `the engine failed: ${String(error)}`, { code: 'internal_error' });
}

interface ErrorDetail {
  /** The field of the request that is wrong. */
  param?: string | null;
  /** What a program can tell the error by. */
  code?: string | null;
}
