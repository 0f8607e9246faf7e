import { OpenAIError } from './openai-error.ts';
import type { App } from './server.ts';
import type { EngineState, LastingFault } from './state.ts';

/** Every fault that can be asked for: an exit with status 1, silence, health 503, and back to normal. */
export const FAULTS = ['crash', 'hang', 'unavailable', 'none'] as const;

/** What a fault does outside the engine's state. */
export interface FaultEffects {
  /** Ends the process with this exit status. */
  crash: (code: number) => void;
  log: (line: string) => void;
}

/** POST /fault/NAME, answered with 202 before it takes hold. Must be added before the routes that shall hang. */
export function addFaults(app: App, state: EngineState, { crash, log }: FaultEffects): void {
  // A hung server accepts and stays silent, so `done` is never called then.
  app.addHook('onRequest', (_request, _reply, done) => {
    if (state.fault !== 'hang') done();
  });

  app.register((routes, _options, done) => {
    // The name says all, so whatever body an HTTP client may add is let pass.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', (_request, body, parsed) => {
      body.resume();
      parsed(null);
    });
    routes.post<{ Params: { name: string } }>('/fault/:name', (request, reply) => {
      const fault = FAULTS.find((name) => name === request.params.name);
      if (fault === undefined) throw unknownFault(request.params.name);
      log(`fault ${fault}`);
      if (fault === 'crash') reply.raw.once('close', () => crash(1));
      else state.fault = fault satisfies LastingFault;
      return reply.code(202).send({ fault });
    });
    done();
  });
}

function unknownFault(name: string): OpenAIError {
  return new OpenAIError(404, `there is no fault "${name}": expected one of ${FAULTS.join(', ')}`, { param: 'name' });
}
