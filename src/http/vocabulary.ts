import type { Phase } from '../../streams/phases.ts';
import type { LeaderExit, Life } from '../../streams/ranks.ts';
import type { Cause } from '../../streams/shutdown.ts';

// What the values in the answers mean, for the reference. One that is missing here does not compile.

export const PHASE_MEANINGS = {
  starting: 'It is not ready and never was.',
  ready: 'Every rank can take traffic.',
  draining: 'It was asked to stop and is no longer ready; the ranks have not been told yet (`--drain-delay`).',
  stopping: 'Every rank has been signalled and has its grace.',
  killing: 'The grace is over; what is left has been killed.',
  gone: 'No process is left.',
} as const satisfies Record<Phase, string>;

export const PROCESS_MEANINGS = {
  starting: 'It has been ordered, and nothing has been heard of it yet.',
  running: 'Its first process lives; `pid` is that.',
  exited: 'Its first process has left, as `exit` tells; others that it started may be there.',
  gone: 'No process of it is left, or there never was one.',
} as const satisfies Record<Life['is'], string>;

/** Beside these, the name that the system or Node has for what went wrong. */
export const LAST_MEANINGS = {
  null: 'It has not been probed yet.',
  '"200"': 'It can take traffic. Any other number is the HTTP status that it answered instead.',
  '"refused"': 'Nobody listens on its port.',
  '"reset"': 'It hung up before it had answered.',
  '"timeout"': 'It did not answer in time.',
  '"slept"': 'The supervisor itself was stopped meanwhile: nothing is known of the rank.',
  '"EMFILE"': 'The supervisor had no file descriptor left to ask with: nothing is known of the rank.',
  '"HPE_..."': 'What it answered is not HTTP; an example is `HPE_INVALID_CONSTANT`.',
} as const;

/** One of each kind. */
export const CAUSES = {
  signal: { kind: 'signal', signal: 'SIGTERM', afterReady: true },
  'stop-requested': { kind: 'stop-requested', reason: 'enough', afterReady: true },
  'start-failed': { kind: 'start-failed', rank: 0, error: 'there is no program "serve"', afterReady: false },
  exited: { kind: 'exited', rank: 1, exit: { how: 'code', code: 17 }, afterReady: true },
  unhealthy: { kind: 'unhealthy', rank: 1, last: 'timeout', failures: 3, afterReady: true },
  'startup-timeout': { kind: 'startup-timeout', ms: 60_000, waitingFor: [0, 1], afterReady: false },
  'listener-failed': {
    kind: 'listener-failed',
    error: 'the HTTP port was lost: the socket was closed',
    afterReady: true,
  },
  fault: { kind: 'fault', error: 'Error: what the fault says of itself', afterReady: true },
} as const satisfies { [K in Cause['kind']]: Extract<Cause, { kind: K }> };

export const EXITS = {
  code: { how: 'code', code: 17 },
  signal: { how: 'signal', signal: 'SIGKILL' },
  'never-started': { how: 'never-started', error: 'there is no program "serve"' },
} as const satisfies { [K in LeaderExit['how']]: Extract<LeaderExit, { how: K }> };
