/**
 * Facts: what has happened, in the past tense. They are the only thing the core ever learns.
 *
 * A rank is named by its number in the whole data-parallel group (start rank + local rank), as the
 * engines number it.
 */
export type Fact =
  | RankStarted
  | RankStartFailed
  | RankExited
  | RankCleared
  | ProbeAnswered
  | ProbeFailed
  | SignalReceived
  | StopRequested
  | ListenerFailed
  | SupervisorFailed;

export type FactType = Fact['type'];

/** The rank's leader process runs. */
export interface RankStarted {
  readonly type: 'RankStarted';
  readonly rank: number;
  /** Of the leader, which is also the id of its process group and session. */
  readonly pid: number;
}

/** There never was a process: no such program, no permission, no memory. */
export interface RankStartFailed {
  readonly type: 'RankStartFailed';
  readonly rank: number;
  readonly error: string;
}

/** The rank's leader has left. What it started may still be there: see {@link RankCleared}. */
export interface RankExited {
  readonly type: 'RankExited';
  readonly rank: number;
  /** Exit code, 0-255; null when a signal ended it. */
  readonly code: number | null;
  /** Name of the signal that ended it, for example `SIGKILL`; null when it left by itself. */
  readonly signal: string | null;
}

/** No process of the rank's tree is left: its accelerators and its port are free again. */
export interface RankCleared {
  readonly type: 'RankCleared';
  readonly rank: number;
}

/** The rank's server answered a probe with an HTTP status, whatever it was. */
export interface ProbeAnswered {
  readonly type: 'ProbeAnswered';
  readonly rank: number;
  readonly status: number;
}

/**
 * A probe got no answer. A fault of the `server` counts towards the failure threshold. A fault of the
 * `prober` (it had no file descriptor left, it slept) says nothing about the server and changes nothing.
 * (kubelet: an error of the prober is not a failure of the probed.)
 */
export interface ProbeFailed {
  readonly type: 'ProbeFailed';
  readonly rank: number;
  readonly fault: 'server' | 'prober';
  /** For a human: `refused`, `timeout`, `reset`, `EMFILE`, ... */
  readonly reason: string;
}

/** The supervisor itself was sent a signal that asks it to stop. */
export interface SignalReceived {
  readonly type: 'SignalReceived';
  readonly signal: StopSignal;
}

/** The program that embeds the supervisor asked it to stop. */
export interface StopRequested {
  readonly type: 'StopRequested';
  readonly reason: string;
}

/** The supervisor's own HTTP port was lost. */
export interface ListenerFailed {
  readonly type: 'ListenerFailed';
  readonly error: string;
}

/** The supervisor itself has a fault that nobody caught. What is left of it ends the group. */
export interface SupervisorFailed {
  readonly type: 'SupervisorFailed';
  /** In one line. */
  readonly error: string;
  /** Where it was thrown, for whoever mends it; empty where that is not known. */
  readonly stack: string;
}

/** The signals that ask a supervisor to stop; each is forwarded as it came. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];
