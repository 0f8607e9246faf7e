// Supervises two small servers from within a program: subscribe to what happens, and stop when you like.
// Run it with `npm run example`.
import { causeInWords, supervise } from 'dp-supervisor';

const server = `
  const { createServer } = require('node:http');
  createServer((request, response) => response.end()).listen(process.env.PORT, '127.0.0.1');
`;

const group = supervise({
  command: [process.execPath, '-e', server],
  dataParallelSize: 2,
  host: '127.0.0.1',
  port: 18_400,
  dataParallelSupervisorPort: 18_409,
  output: process,
});

// As observables ...
group.fact$.subscribe((fact) => console.log('fact   ', JSON.stringify(fact)));
group.command$.subscribe((command) => console.log('command', JSON.stringify(command)));
group.shutdown$.subscribe((cause) => console.log('cause  ', causeInWords(cause)));

// ... or as async iterables.
for await (const ready of group.readiness()) {
  console.log('ready  ', ready);
  if (!ready) continue;
  const health = await fetch('http://127.0.0.1:18409/health');
  console.log('health ', health.status, await health.text());
  group.stop('the example is over');
}

const { status } = await group.exited;
console.log('status ', status);
