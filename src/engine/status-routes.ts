import { METRICS_TYPE, renderMetrics } from './metrics.ts';
import type { App } from './server.ts';
import type { EngineState } from './state.ts';

/** What is asked about the engine itself: its health, its metrics, and what it can be asked. */
export function addStatusRoutes(app: App, state: EngineState): void {
  app.get('/health', (_request, reply) => {
    const reason = whyUnhealthy(state);
    return reason === undefined ? reply.send() : reply.code(503).send(`${reason}\n`);
  });

  app.get('/metrics', (_request, reply) =>
    reply.type(METRICS_TYPE).send(renderMetrics(state.model, state.counters, state.running)),
  );

  app.get('/', (_request, reply) =>
    reply.send(
      'GET /health /metrics /v1/models, POST /v1/completions /v1/chat/completions (with "stream": true for events)\n' +
        'POST /fault/crash /fault/hang /fault/unavailable, and /fault/none for back to normal\n',
    ),
  );
}

function whyUnhealthy({ phase, fault }: EngineState): string | undefined {
  if (phase !== 'ready') return phase;
  return fault === 'unavailable' ? fault : undefined;
}
