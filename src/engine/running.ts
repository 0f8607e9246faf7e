import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request that generates. */
export interface RunningRequest {
  /** Aborts when the response is over, be it sent or cut. */
  readonly signal: AbortSignal;
  /** The tokens it holds in the pretended cache: those of its prompt and those generated so far. */
  tokens: number;
}

/** The requests that generate now. A request runs from `begin` until its response is over. */
export class RunningRequests {
  readonly #requests = new Set<RunningRequest>();
  #whenIdle = () => {};

  /** How many there are. */
  get size(): number {
    return this.#requests.size;
  }

  /** The tokens that all of them hold together. */
  get tokens(): number {
    return [...this.#requests].reduce((sum, request) => sum + request.tokens, 0);
  }

  /** The request runs from here on. `tokens` starts at 0. */
  begin(request: IncomingMessage, response: ServerResponse): RunningRequest {
    const controller = new AbortController();
    const running = { signal: controller.signal, tokens: 0 };
    const { socket } = request;
    const end = () => {
      response.off('close', end);
      socket.off('close', end);
      this.#requests.delete(running);
      controller.abort();
      if (this.size === 0) this.#whenIdle();
    };
    // A pipelined response that still waits for its turn does not hear of the client's leaving; the socket does.
    response.once('close', end);
    socket.once('close', end);
    this.#requests.add(running);
    return running;
  }

  /** Resolves when none is running any more, or after `limitMs` milliseconds, whichever comes first. */
  idle(limitMs: number): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, limitMs);
      this.#whenIdle = () => {
        clearTimeout(limit);
        resolve();
      };
    });
  }
}
