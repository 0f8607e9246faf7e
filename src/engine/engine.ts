import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { trackConnections } from './connections.ts';
import { newCounters } from './metrics.ts';
import { RunningRequests } from './running.ts';
import { createApp, type TlsFiles } from './server.ts';
import type { EngineState } from './state.ts';

/** The longest time that a timer of node:timers can wait, in milliseconds: about 24.8 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** All of them are required; the command line has the defaults. */
export interface EngineOptions {
  host: string;
  /** 0 takes any free port, which `Engine.port` then tells. */
  port: number;
  /** The name of the one model that is served. */
  model: string;
  /** Milliseconds from listening to ready, 0 to MAX_TIMER_MS. */
  startupDelayMs: number;
  /** For each request on its own: from 0.001 up, Infinity for no wait at all. */
  tokensPerSecond: number;
  /** Milliseconds that a drain gives the running requests, 0 to MAX_TIMER_MS. 0 cuts them at once. */
  drainTimeoutMs: number;
  /** HTTPS instead of HTTP, with this key and certificate in PEM. */
  tls?: TlsFiles | undefined;
  /** Told one line on each of: listening, ready, a fault, the start of a drain. */
  log: (line: string) => void;
  /** Must end the process with this exit status: the fault `crash`. Called after its request was answered. */
  crash: (code: number) => void;
}

/** An engine that listens. */
export interface Engine {
  /** The port it really listens on. */
  readonly port: number;
  /**
   * Refuses new work, lets running requests finish within `drainTimeoutMs`, then closes every connection and the
   * server. Closes at once while it hangs. Every further call joins the first.
   */
  drain(): Promise<void>;
  /** Resolves when a drain is over. */
  closed: Promise<void>;
}

/**
 * Starts a small OpenAI-compatible server that makes up its texts. Resolves when it listens, which is
 * `startupDelayMs` before it is ready. Rejects with a RangeError for an option out of its bounds, and with the
 * socket's error when it cannot listen.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  checkBounds(options);
  const { host, model, tokensPerSecond, log } = options;
  const state: EngineState = {
    phase: 'starting',
    fault: 'none',
    model,
    tokensPerSecond,
    running: new RunningRequests(),
    counters: newCounters(),
  };
  const app = createApp(state, options, options.tls);
  const connections = trackConnections(app.server);
  const closed = new Promise<void>((resolve) => app.server.once('close', resolve));

  await app.ready();
  // Not app.listen: for 'localhost' that opens a second server, whose connections nobody could close.
  app.server.listen({ host, port: options.port });
  await once(app.server, 'listening');
  const { port } = app.server.address() as AddressInfo;
  log(`listening on ${options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`);
  const startup = afterStartup(options.startupDelayMs, () => {
    state.phase = 'ready';
    log(`ready: serving ${model}`);
  });

  let draining: Promise<void> | undefined;
  const drain = async () => {
    clearTimeout(startup);
    state.phase = 'draining';
    log(`draining: ${state.running.size} running`);
    if (options.drainTimeoutMs > 0 && state.fault !== 'hang') await state.running.idle(options.drainTimeoutMs);
    const closing = app.close();
    connections.closeAll();
    await closing;
  };
  return { port, drain: () => (draining ??= drain()), closed };
}

function checkBounds({ startupDelayMs, tokensPerSecond, drainTimeoutMs }: EngineOptions): void {
  for (const [name, ms] of Object.entries({ startupDelayMs, drainTimeoutMs })) {
    if (!(ms >= 0 && ms <= MAX_TIMER_MS)) throw new RangeError(`${name} must be 0 to ${MAX_TIMER_MS}, not ${ms}`);
  }
  // Slower, and the wait for a word would outgrow a timer.
  if (!(tokensPerSecond >= 0.001))
    throw new RangeError(`tokensPerSecond must be 0.001 or more, not ${tokensPerSecond}`);
}

// Without a delay it is ready before anybody can see it listen.
function afterStartup(delayMs: number, becomeReady: () => void): NodeJS.Timeout | undefined {
  if (delayMs > 0) return setTimeout(becomeReady, delayMs);
  becomeReady();
  return undefined;
}
