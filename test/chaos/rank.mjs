// A rank that misbehaves as planned: rank.mjs PORT NOTES MANNER [MS:DEED ...], see plan.ts.
// It writes numbered lines, `line 0`, `line 1`, ...; NOTES says how many of them it has written for certain.
import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import http from 'node:http';

const [port, notes, manner, ...deeds] = process.argv.slice(2);
const note = openSync(notes, 'w');
let written = 0;
let closed = false;
let answer = 200;

function say(filler = '') {
  if (closed) return;
  writeSync(1, `line ${written} ${filler}\n`);
  written += 1;
  writeSync(note, String(written).padEnd(12), 0);
}

const server = http.createServer((request, response) => {
  if (answer === null) return;
  response.writeHead(answer).end();
});
const DEEDS = {
  exit: () => process.exit(7),
  crash: () => process.kill(process.pid, 'SIGKILL'),
  hang: () => (answer = null),
  'say 503': () => (answer = 503),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  fork: () => spawn('sleep', ['60'], { stdio: 'inherit' }).unref(),
  // A session of its own, and a parent that has left: what a double fork comes to.
  daemonise: () => spawn('sh', ['-c', 'sleep 60 & exit'], { detached: true, stdio: 'ignore' }).unref(),
  spam: () => {
    for (let count = 0; count < 2_000; count += 1) say('x'.repeat(count % 300));
  },
  'write a long line': () => say('y'.repeat(200_000)),
  'close its output': () => {
    closed = true;
    closeSync(1);
  },
};

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    say(signal);
    if (manner === 'obedient') process.exit(0);
    if (manner === 'slow') setTimeout(() => process.exit(0), 300);
  });
}
server.listen(Number(port), '127.0.0.1', () => {
  say();
  for (const deed of deeds) {
    const [ms, what] = deed.split(':');
    setTimeout(DEEDS[what], Number(ms));
  }
});
