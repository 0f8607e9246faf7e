import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newEnvelope, streamedAnswer, wholeAnswer } from './answer.ts';
import { chatCompletion } from './chat-completion.ts';
import type { Dialect } from './dialect.ts';
import { generate } from './generation.ts';
import { OpenAIError } from './openai-error.ts';
import { readRequest } from './request-body.ts';
import type { App } from './server.ts';
import type { EngineState } from './state.ts';
import { textCompletion } from './text-completion.ts';

/** OpenAI's API: the one model, and the two ways to ask it. */
export function addModelRoutes(app: App, state: EngineState): void {
  const created = Math.floor(Date.now() / 1000);
  app.get('/v1/models', () => {
    if (state.phase === 'starting') throw unavailable('starting');
    return { object: 'list', data: [{ id: state.model, object: 'model', created, owned_by: 'dp-supervisor' }] };
  });

  const refuseUnlessReady = (_request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) => {
    done(state.phase === 'ready' ? undefined : unavailable(state.phase));
  };
  for (const dialect of [textCompletion, chatCompletion]) {
    app.post(dialect.path, {
      // Asked twice: at once, and again after the body, which may take long to arrive.
      onRequest: refuseUnlessReady,
      preHandler: refuseUnlessReady,
      handler: (request, reply) => answer(dialect, state, request, reply),
    });
  }
}

async function answer(dialect: Dialect, state: EngineState, request: FastifyRequest, reply: FastifyReply) {
  const asked = readRequest(request.body, dialect, state.model);
  const running = state.running.begin(request.raw, reply.raw);
  const generation = generate(asked, running, state);
  const envelope = newEnvelope(dialect, state.model);
  if (asked.stream) {
    reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-cache');
    return reply.send(Readable.from(streamedAnswer(dialect, envelope, generation, asked.includeUsage)));
  }
  return wholeAnswer(dialect, envelope, generation);
}

function unavailable(phase: string): OpenAIError {
  return new OpenAIError(503, `the engine is ${phase}`, { code: 'service_unavailable' });
}
