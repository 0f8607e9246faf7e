import type { ProbeAnswered, ProbeFailed } from './facts.ts';
import type { Phase } from './phases.ts';
import type { Policy } from './policy.ts';

/** What the probes have said of one rank so far. */
export interface Health {
  readonly verdict: 'unknown' | 'healthy' | 'unhealthy';
  /** Probes in a row that got no answer. */
  readonly failures: number;
  /** The last thing a probe brought back: `200`, `503`, `refused`, `timeout`, ... */
  readonly last: string | null;
}

export const UNPROBED: Health = { verdict: 'unknown', failures: 0, last: null };

/**
 * Folds one answer into the health of a rank; the same health when the answer says nothing new.
 *
 * Before the group was ready whatever is not a 200 means "not yet". After that a non-200 is a verdict at
 * once, because the server itself says so, and a probe without an answer counts towards the threshold,
 * because a busy server may miss one. (vLLM: `_probe_endpoint`, threshold 1 until ready.)
 */
export function judge(health: Health, fact: ProbeAnswered | ProbeFailed, phase: Phase, policy: Policy): Health {
  if (fact.type === 'ProbeAnswered') {
    const verdict = fact.status === 200 ? 'healthy' : 'unhealthy';
    const last = String(fact.status);
    const news = health.verdict !== verdict || health.last !== last || health.failures > 0;
    return news ? { verdict, failures: 0, last } : health;
  }
  if (fact.fault === 'prober') return { ...health, last: fact.reason };
  const failures = health.failures + 1;
  const threshold = phase === 'starting' ? 1 : policy.probeFailureThreshold;
  return { verdict: failures >= threshold ? 'unhealthy' : health.verdict, failures, last: fact.reason };
}
