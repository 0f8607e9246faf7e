import fastify from 'fastify';
import { addFaults, type FaultEffects } from './fault.ts';
import { addModelRoutes } from './model-routes.ts';
import { OpenAIError, toOpenAIError } from './openai-error.ts';
import type { EngineState } from './state.ts';
import { addStatusRoutes } from './status-routes.ts';

/** A PEM key and certificate. */
export interface TlsFiles {
  key: Buffer;
  cert: Buffer;
}

/** The fastify instance that the routes are added to. */
export type App = ReturnType<typeof newApp>;

/** The engine's HTTP server with all of its routes, not yet listening. HTTPS when `tls` is given. */
export function createApp(state: EngineState, effects: FaultEffects, tls?: TlsFiles): App {
  const app = newApp(tls);
  app.setErrorHandler((error, _request, reply) => {
    const refusal = toOpenAIError(error);
    return reply.code(refusal.status).send(refusal.toJSON());
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const refusal = new OpenAIError(404, `there is no ${method} ${url} here`, { code: 'unknown_url' });
    return reply.code(404).send(refusal.toJSON());
  });
  // A client that keeps its connection would find it closed under its next request.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (state.phase === 'draining') reply.header('connection', 'close');
    done(null, payload);
  });
  addFaults(app, state, effects);
  addStatusRoutes(app, state);
  addModelRoutes(app, state);
  return app;
}

function newApp(tls: TlsFiles | undefined) {
  return fastify({ https: tls ?? null });
}
