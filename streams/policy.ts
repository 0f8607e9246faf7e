import type { StopSignal } from './facts.ts';

/** What the group's operator has decided. All durations are milliseconds. */
export interface Policy {
  /** The ranks to supervise, by number, in the order in which they are started. At least one. */
  readonly ranks: readonly number[];
  /** Between the starts of two probes of one rank, until the group was ready for the first time. > 0 */
  readonly startupProbeIntervalMs: number;
  /** The same from then on. > 0 (vLLM: dp_supervisor_probe_interval_s) */
  readonly probeIntervalMs: number;
  /** How long one probe may take. > 0 (vLLM: dp_supervisor_probe_timeout_s) */
  readonly probeTimeoutMs: number;
  /**
   * How many probes in a row may go unanswered (refused, timed out, reset) once the group was ready.
   * >= 1 (vLLM: dp_supervisor_probe_failure_threshold)
   */
  readonly probeFailureThreshold: number;
  /** How long the group may take to become ready for the first time. */
  readonly startupLimit: StartupLimit;
  /**
   * From "not ready" to the first signal, when a group that was ready is asked to stop: the time that a
   * load balancer needs to notice. A failure is never delayed.
   */
  readonly drainDelayMs: number;
  /** What asks the ranks to leave where no signal came that could be forwarded. (vLLM: SIGTERM) */
  readonly stopSignal: StopSignal;
  /** How long the ranks may take to finish what they are doing. (vLLM: shutdown_timeout) */
  readonly shutdownTimeoutMs: number;
  /** On top of the shutdown timeout, before SIGKILL. (vLLM: CHILD_EXIT_GRACE_S) */
  readonly exitGraceMs: number;
  /** How long to wait for the kernel after SIGKILL before leaving all the same. */
  readonly killWaitMs: number;
  /**
   * How much later than the first stop signal another must come to be a second one, which kills what is left at
   * once. >= 0; Infinity: there is none. What comes sooner is the same wish, told twice: a terminal signals
   * everybody in the foreground, and a wrapper among them (npm, timeout, tini -g) passes on what it got as well.
   */
  readonly secondSignalAfterMs: number;
}

export type StartupLimit = { readonly kind: 'none' } | { readonly kind: 'within'; readonly ms: number };

/** What a policy and its course may hold at most, whoever tells of them: an option, a scenario or a journal. */
export const LIMITS = {
  /** Of a recording: the work of a replay grows with their square, and this many take a second. */
  ranks: 4_096,
  failures: 1_000_000,
  /**
   * 11 days. Two durations and a bit still fit the 2^31 - 1 milliseconds of a timer; beyond that, a timer would
   * fire at once.
   */
  durationMs: 1_000_000_000,
  /** Since the start, in milliseconds: any later, microseconds could not be told apart. */
  at: Number.MAX_SAFE_INTEGER / 1_000,
} as const;

/**
 * The one place of every default of the policy. (vLLM: 5 s, 5 s, 3, 0 s, 5 s where it has the option.) When a signal is
 * a second one is reasoned and measured in docs/decisions/0011-second-signal.md. (vLLM: never)
 */
export const DEFAULT_POLICY: Omit<Policy, 'ranks'> = {
  startupProbeIntervalMs: 250,
  probeIntervalMs: 5_000,
  probeTimeoutMs: 5_000,
  probeFailureThreshold: 3,
  startupLimit: { kind: 'none' },
  drainDelayMs: 0,
  stopSignal: 'SIGTERM',
  shutdownTimeoutMs: 0,
  exitGraceMs: 5_000,
  killWaitMs: 5_000,
  secondSignalAfterMs: 500,
};

/** From the first signal to SIGKILL. */
export function graceMs(policy: Policy): number {
  return policy.shutdownTimeoutMs + policy.exitGraceMs;
}
