import type { Story } from '../../../streams/story.ts';
import type { PictureOptions } from './frame.ts';

/**
 * The end of a story by itself, when it is too small a part of the whole to be seen there; null when it is not.
 *
 * It begins with the probes that led to the cause.
 */
export function closeUpOf({ cause, policy, end }: Story, options: PictureOptions): PictureOptions | null {
  if (cause === null || options.from !== undefined || options.to !== undefined) return null;
  const led = (policy.probeFailureThreshold + 1) * policy.probeIntervalMs;
  const from = Math.max(0, cause.at - Math.max(led, (end - cause.at) / 2));
  return end - from < end * SMALL ? { ...options, from, to: end } : null;
}

/** As part of the whole. */
const SMALL = 0.2;
