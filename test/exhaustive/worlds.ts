import type { Policy } from '../../streams/policy.ts';
import type { Vocabulary } from './world.ts';

/** A policy and what can happen under it. */
export interface Small {
  readonly policy: Policy;
  readonly vocabulary: Vocabulary;
}

/**
 * Times are a few ticks long and divide each other, so that timers of different purpose are due together: the
 * startup timeout with a probe, the end of the drain delay with one, a rank's probe with the other's.
 */
const TICKS: Policy = {
  ranks: [0, 1],
  startupProbeIntervalMs: 3,
  probeIntervalMs: 4,
  probeTimeoutMs: 4,
  probeFailureThreshold: 2,
  startupLimit: { kind: 'within', ms: 6 },
  drainDelayMs: 2,
  stopSignal: 'SIGTERM',
  shutdownTimeoutMs: 2,
  exitGraceMs: 2,
  killWaitMs: 3,
  secondSignalAfterMs: 1,
};

/** Two ranks; a startup timeout, a drain delay and a grace. Two signals of one instant are one. */
export const TWO_RANKS: Small = { policy: TICKS, vocabulary: 'small' };

/**
 * The same, but a group that hears nothing waits for ever: a history goes wrong by what happens in it. The next
 * signal is a second one, however soon it comes.
 */
export const NO_LIMIT: Small = {
  policy: { ...TICKS, startupLimit: { kind: 'none' }, secondSignalAfterMs: 0 },
  vocabulary: 'small',
};

/** No startup timeout and no waiting at all: everything that ends does so in one instant. */
export const NO_WAITING: Small = {
  policy: {
    ...TICKS,
    startupLimit: { kind: 'none' },
    drainDelayMs: 0,
    shutdownTimeoutMs: 0,
    exitGraceMs: 0,
    killWaitMs: 0,
    secondSignalAfterMs: 0,
  },
  vocabulary: 'small',
};

export const EVERY_FACT: Small = { policy: TICKS, vocabulary: 'whole' };

export const THREE_RANKS: Small = { policy: { ...TICKS, ranks: [0, 1, 2] }, vocabulary: 'small' };
