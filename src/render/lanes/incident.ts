import type { Story } from '../../../streams/story.ts';

/** An end that takes more of the whole than this can be seen in the picture of the whole. */
const SMALL = 0.25;

/** What can be seen of the time before, when all was over at once. */
const SHORTEST_MS = 20;

/** The stretch from what led to the first cause until the exit, when it is too short a part of the whole to be seen. */
export function incidentOf({ cause, end, policy }: Story): { readonly from: number; readonly to: number } | null {
  if (cause === null) return null;
  const probes = policy.probeFailureThreshold * (policy.probeIntervalMs + policy.probeTimeoutMs);
  const before = Math.max(end - cause.at, cause.value.kind === 'unhealthy' ? probes : SHORTEST_MS);
  const from = Math.max(0, cause.at - before);
  return end - from < SMALL * end ? { from, to: end } : null;
}
