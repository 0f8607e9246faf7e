import { spawn } from 'node:child_process';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { now, within } from './monotonic.mjs';
import { freePorts } from './ports.mjs';
import { childrenOf } from './process-files.mjs';

const START_LIMIT_MS = 20_000;
const EXIT_LIMIT_MS = 15_000;
const POLL_MS = 2;
const SETTLE_MS = 300;
const KEPT_CHARACTERS = 2_000;

const living = new Set();
// However this process ends, what it started is told to end as well.
process.on('exit', () => living.forEach((group) => group.process.kill('SIGTERM')));

/**
 * Starts a supervisor with its ranks on loopback, on ports that are free.
 *
 * @param program the file to run under this Node
 * @param ranks how many
 * @param command words of COMMAND
 * @param options more words for the supervisor
 * @param stdout descriptor that gets the ranks' output; discarded without it
 */
export async function startGroup({ program, ranks, command, options = [], stdout = 'ignore' }) {
  const port = await freePorts(ranks + 1);
  const supervisorPort = port + ranks;
  const words = [
    '-dp',
    ranks,
    '--host',
    '127.0.0.1',
    '--port',
    port,
    '--data-parallel-supervisor-port',
    supervisorPort,
  ];
  const startedAt = now();
  const child = spawn(process.execPath, [program, ...words.map(String), ...options, '--', ...command], {
    stdio: ['ignore', stdout, 'pipe'],
    env: environment(),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-KEPT_CHARACTERS)));
  const exited = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(now()));
  });
  const group = { process: child, startedAt, exited, ready, settled, read, status, signal, gone };
  living.add(group);
  void exited.then(() => living.delete(group));
  return group;

  /** Resolves with the time at which /health answered 200 for the first time. */
  function ready() {
    return within(START_LIMIT_MS, 'ready', poll()).catch(explain);
  }

  /** Resolves when the group has been ready for so long that nothing is left to be done for its start. */
  async function settled(ms = SETTLE_MS) {
    await ready();
    await delay(ms);
  }

  async function poll() {
    while (child.exitCode === null && child.signalCode === null) {
      const answer = await get(supervisorPort, '/health').catch(() => null);
      if (answer?.status === 200) return answer.at;
      await delay(POLL_MS);
    }
    throw new Error('the supervisor left before it was ready');
  }

  /** What `figure` finds about the process; see process-files.mjs. */
  function read(figure) {
    try {
      return figure(child.pid);
    } catch (error) {
      return explain(error);
    }
  }

  async function status() {
    return JSON.parse((await get(supervisorPort, '/status')).body);
  }

  /** Sends it a signal; returns the time just before. */
  function signal(name) {
    const at = now();
    child.kill(name);
    return at;
  }

  /** Resolves with the time at which it was gone. What does not go by itself is killed, and is an error. */
  async function gone() {
    try {
      return await within(EXIT_LIMIT_MS, 'gone', exited);
    } catch (error) {
      const left = childrenOf(child.pid);
      child.kill('SIGKILL');
      for (const pid of left) process.kill(pid, 'SIGKILL');
      return explain(error);
    }
  }

  function explain(error) {
    throw new Error(`${error.message}; it said: ${said.trim() || 'nothing'}`);
  }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function get(port, path) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent, timeout: 5_000 }, (response) => {
      const at = now();
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.once('end', () => resolve({ status: response.statusCode, body, at }));
      response.once('error', reject);
    });
    request.once('timeout', () => request.destroy(new Error(`${path}: no answer`)));
    request.once('error', reject);
  });
}

/** Settings of whoever runs this must not become settings of what is measured. */
function environment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('DPS_') && name !== 'NODE_OPTIONS'),
  );
}
