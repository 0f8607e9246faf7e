// Pretends to be a model server: healthy at once; leaves with CODE on GET /exit/CODE, and on any stop signal but
// SIGQUIT; leaves, too, when its supervisor has been killed. Whatever other words it is started with, it ignores.
import http from 'node:http';

const port = Number(process.env['PORT']);
const parent = process.ppid;
http
  .createServer(({ url = '' }, response) => {
    response.end('ok\n');
    const [, code] = /^\/exit\/(\d+)$/.exec(url) ?? [];
    if (code !== undefined) process.exit(Number(code));
  })
  .listen(port, '127.0.0.1');
process.on('SIGQUIT', () => undefined);
setInterval(() => process.ppid === parent || process.exit(), 50);
