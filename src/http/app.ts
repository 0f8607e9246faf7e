import type { RequestListener } from 'node:http';
import fastify, { type FastifyReply } from 'fastify';
import type { Listener } from './listener.ts';
import { ROUTES, type View } from './routes.ts';

const NO_SUCH_ROUTE = { error: 'no such route', routes: ROUTES.map(({ path }) => path) };

/** Puts the routes in place on a server that listens already. Only GET and HEAD exist. */
export async function serve(listener: Listener, view: View): Promise<void> {
  const { server } = listener;
  let answering: RequestListener | undefined;
  const app = fastify({
    // The port was taken before fastify was even loaded: it is handed the server instead of making one.
    serverFactory: (handler) => {
      answering = handler;
      return server;
    },
    routerOptions: { ignoreTrailingSlash: true },
    // A path that cannot even be decoded is none of ours either.
    frameworkErrors: (_error, _request, reply) => void (reply as FastifyReply).code(404).send(NO_SUCH_ROUTE),
  });
  // Before any body is looked at: what is not allowed is not a matter of its type or size.
  app.addHook('onRequest', async ({ method }, reply) => {
    if (method === 'GET' || method === 'HEAD') return;
    return reply
      .code(405)
      .header('allow', 'GET, HEAD')
      .send({ error: `${method} is not allowed` });
  });
  for (const { path, answer } of ROUTES) {
    app.get(path, (request, reply) => {
      const { status, body, type } = answer(view, request.params as Record<string, string>);
      if (type !== undefined) reply.type(type);
      // As bytes: to a text, fastify would add a charset that its type does not have.
      const payload = typeof body === 'string' ? Buffer.from(body) : body;
      return reply.code(status).header('cache-control', 'no-store').send(payload);
    });
  }
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(NO_SUCH_ROUTE));
  await app.ready();
  server.removeAllListeners('request');
  if (answering !== undefined) server.on('request', answering);
}
