// A rank that misbehaves as planned: rank.mjs PORT NOTES BORN MANNER [MS:DEED ...], see plan.ts.
// It writes numbered lines to either output, `line 0`, `line 1`, ...; NOTES says how many of them it has written for
// certain, and in BORN whoever it starts leaves the line that the kernel has on it.
import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

const [port, notes, born, manner, ...deeds] = process.argv.slice(2);
const note = openSync(notes, 'w');
const SLEEPER = fileURLToPath(new URL('sleeper.sh', import.meta.url));
let written = 0;
let closed = false;
let answer = 200;

function say(filler = '') {
  if (closed) return;
  for (const output of [1, 2]) write(output, `line ${written} ${filler}\n`);
  written += 1;
  writeSync(note, String(written).padEnd(12), 0);
}

/** All of it, also where an output takes only what it has room for. */
function write(output, text) {
  for (let rest = Buffer.from(text); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(output, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const server = http.createServer((request, response) => {
  if (answer === null) return;
  response.writeHead(answer).end();
});
/** In a session of its own. */
function apart(script) {
  spawn('sh', ['-c', script, 'sh', SLEEPER, born], { detached: true, stdio: 'ignore' }).unref();
}

const DEEDS = {
  exit: () => process.exit(7),
  crash: () => process.kill(process.pid, 'SIGKILL'),
  hang: () => (answer = null),
  'say 503': () => (answer = 503),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  fork: () => spawn('sh', [SLEEPER, born], { stdio: 'inherit' }).unref(),
  // A session of its own, and a parent that has left: what a double fork comes to.
  daemonise: () => apart('sh "$@" &'),
  'daemonise without a trace': () => apart('env -i /bin/sh "$@" &'),
  'paint a title': () => apart('exec sh "$@" painted'),
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
