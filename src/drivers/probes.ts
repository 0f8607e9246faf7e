import http from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Readable } from 'node:stream';
import type { ProbeAnswered, ProbeFailed } from '../../streams/facts.ts';
import type { RankPlan } from '../config/plan.ts';

export interface Prober {
  /** Asks a rank's server for its health, once. It never throws: whatever happens is a fact. */
  probe(rank: RankPlan): Promise<ProbeAnswered | ProbeFailed>;
  /** Hangs up on whoever is being asked: nobody wants to know any more. */
  close(): void;
}

/** As much of an answer's body as is read; the status is what counts. */
const MOST_BODY_BYTES = 4_096;
const LONGEST_BODY_MS = 1_000;
/** How often an answer may be announced (100, 102, 103) before it comes: a flood would keep the processor busy. */
const MOST_ANNOUNCEMENTS = 16;
const ENDLESS_1XX = 'endless 1xx';
/**
 * How late a deadline may be noticed. Later, this process was stopped (SIGSTOP, a frozen container) or busy, and the
 * server gets its time once more; much later than that time as well, and nothing is known of the server.
 */
const LATE_MS = 100;
const LATEST_NOTICE_MS = 1_000;

/** Errors that say that this process could not ask, and nothing about who was to be asked. */
const PROBER_FAULTS = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EACCES',
  'EPERM',
]);

const REASONS = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
]);

/**
 * Probes over HTTP, or HTTPS without verification: ranks are on this host, under names that no certificate
 * has (vLLM: `_probe_endpoint`). Each probe has a connection of its own: one that is kept alive gives false
 * resets when the server closes it at the wrong moment. Redirects are answers, not directions.
 *
 * It asks with Node's own client: see docs/decisions/0010.
 */
export function prober(timeoutMs: number): Prober {
  const underWay = new Set<http.ClientRequest>();
  const questions = new Map<string, Promise<() => http.ClientRequest>>();
  let closed = false;

  return {
    async probe({ rank, healthUrl }) {
      try {
        const ask = await questionTo(healthUrl);
        return await answer(rank, ask());
      } catch (error) {
        return failure(rank, error as NodeJS.ErrnoException);
      }
    },
    close() {
      closed = true;
      for (const request of underWay) request.destroy();
    },
  };

  function answer(rank: number, request: http.ClientRequest): Promise<ProbeAnswered | ProbeFailed> {
    let dueAt = performance.now() + timeoutMs;
    let deadline = setTimeout(notice, timeoutMs);
    let [answered, slept, timedOut] = [false, false, false];
    underWay.add(request);
    return new Promise((resolve) => {
      request.once('response', (response) => {
        answered = true;
        clearTimeout(deadline);
        discard(response);
        resolve({ type: 'ProbeAnswered', rank, status: response.statusCode ?? 0 });
      });
      // Nobody asked to speak another protocol. Without a listener, Node hangs up without a word.
      request.once('upgrade', ({ statusCode = 0 }, socket) => {
        socket.destroy();
        resolve({ type: 'ProbeAnswered', rank, status: statusCode });
      });
      let announcements = 0;
      request.on('information', () => {
        announcements += 1;
        if (announcements > MOST_ANNOUNCEMENTS) request.destroy(Object.assign(new Error(), { code: ENDLESS_1XX }));
      });
      // Not once: what is hung up on may complain again.
      request.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(deadline);
        if (closed) resolve({ type: 'ProbeFailed', rank, fault: 'prober', reason: 'given up' });
        else if (timedOut) resolve(unanswered(rank, performance.now() - dueAt));
        // Nor is it to blame for what became of a connection that nobody looked after.
        else resolve(slept ? sleptThrough(rank) : failure(rank, error));
      });
      // Whatever happened, the rank is asked again only when this has been told.
      request.once('close', () => {
        clearTimeout(deadline);
        underWay.delete(request);
        resolve({ type: 'ProbeFailed', rank, fault: 'server', reason: 'reset' });
      });
    });

    function notice(): void {
      const late = performance.now() - dueAt > LATE_MS;
      // On the next turn: an answer that came meanwhile has not been read yet.
      if (slept || !late) return void setImmediate(giveUp);
      slept = true;
      dueAt = performance.now() + timeoutMs;
      deadline = setTimeout(notice, timeoutMs);
    }

    function giveUp(): void {
      if (answered) return; // just in time
      timedOut = true;
      request.destroy();
    }
  }

  /** What there is to work out about a URL is worked out once: each is asked a hundred thousand times a day. */
  function questionTo(healthUrl: string): Promise<() => http.ClientRequest> {
    const known = questions.get(healthUrl) ?? prepare(healthUrl);
    questions.set(healthUrl, known);
    return known;
  }
}

function unanswered(rank: number, lateMs: number): ProbeFailed {
  return lateMs > LATEST_NOTICE_MS
    ? sleptThrough(rank)
    : { type: 'ProbeFailed', rank, fault: 'server', reason: 'timeout' };
}

function sleptThrough(rank: number): ProbeFailed {
  return { type: 'ProbeFailed', rank, fault: 'prober', reason: 'slept' };
}

async function prepare(healthUrl: string): Promise<() => http.ClientRequest> {
  const { protocol, hostname, port, pathname, search } = new URL(healthUrl);
  const target: RequestOptions = {
    hostname: hostname.replace(/^\[|\]$/g, ''), // an IPv6 address stands in brackets in a URL only
    ...(port === '' ? {} : { port }),
    path: pathname + search,
  };
  if (protocol === 'http:') {
    const agent = new http.Agent({ keepAlive: false });
    return () => http.get({ ...target, agent });
  }
  const https = await import('node:https'); // few need it, and it takes its time to load
  const agent = new https.Agent({ keepAlive: false, rejectUnauthorized: false });
  return () => https.get({ ...target, agent });
}

function failure(rank: number, error: NodeJS.ErrnoException): ProbeFailed {
  const code = error.code ?? error.name;
  const fault = PROBER_FAULTS.has(code) ? 'prober' : 'server';
  return { type: 'ProbeFailed', rank, fault, reason: REASONS.get(code) ?? code };
}

/** Lets a small body come to its end, so that the server sees a polite client, and hangs up on a large one. */
function discard(body: Readable): void {
  let bytes = 0;
  const hangUp = setTimeout(() => body.destroy(), LONGEST_BODY_MS);
  body.on('error', () => undefined);
  body.on('close', () => clearTimeout(hangUp));
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) body.destroy();
  });
}
