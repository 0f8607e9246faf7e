import type { Cause } from './shutdown.ts';
import type { StopSignal } from './facts.ts';

/**
 * Commands: what shall be done, in the imperative. What a command causes comes back as a fact on a
 * later turn of the loop.
 */
export type Command = StartRank | ProbeRank | SignalRank | KillRank | Exit;

/** Start the rank's leader. Answered by `RankStarted` or `RankStartFailed`. */
export interface StartRank {
  readonly type: 'StartRank';
  readonly rank: number;
}

/** Ask the rank's server for its health, once. Answered by `ProbeAnswered` or `ProbeFailed`. */
export interface ProbeRank {
  readonly type: 'ProbeRank';
  readonly rank: number;
}

/**
 * Ask the rank to leave. The leader gets the signal if it lives, because only the leader knows how to
 * drain; if it has left, what remains of its group gets it.
 */
export interface SignalRank {
  readonly type: 'SignalRank';
  readonly rank: number;
  readonly signal: StopSignal;
}

/** End every process of the rank's tree at once. Answered, as any end, by `RankCleared`. */
export interface KillRank {
  readonly type: 'KillRank';
  readonly rank: number;
}

/** The last command of all: leave, with this status. */
export interface Exit {
  readonly type: 'Exit';
  /** See `EXIT_STATUS`. */
  readonly status: number;
  readonly cause: Cause;
  /** Ranks that did not leave within their grace, or before a second signal ended it. */
  readonly killed: readonly number[];
  /** Ranks that SIGKILL did not clear in time: a process stuck in the kernel. Empty on every good day. */
  readonly left: readonly number[];
  /** The second signal, where there was one. */
  readonly secondSignal?: StopSignal;
}
