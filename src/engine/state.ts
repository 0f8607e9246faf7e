import type { Counters } from './metrics.ts';
import type { RunningRequests } from './running.ts';

/** `starting`: bound, not yet serving; `draining`: finishing what runs, taking nothing new. */
export type Phase = 'starting' | 'ready' | 'draining';

/** The faults that last until another is asked for. */
export type LastingFault = 'none' | 'hang' | 'unavailable';

/** What the routes share. Only engine.ts moves the phase, only fault.ts sets the fault. */
export interface EngineState {
  phase: Phase;
  fault: LastingFault;
  readonly model: string;
  /** For each request on its own. */
  readonly tokensPerSecond: number;
  readonly running: RunningRequests;
  readonly counters: Counters;
}
