import type { Fact, FactType } from './facts.ts';

/**
 * Where the group is in its one life.
 *
 * - `starting`: not ready yet, never was.
 * - `ready`: every rank can take traffic.
 * - `draining`: asked to stop and no longer ready; the ranks have not been told yet.
 * - `stopping`: every rank has been signalled and has its grace.
 * - `killing`: the grace is over, or a second signal has cut it short; what is left has been killed.
 * - `gone`: nothing is left; `Exit` has been commanded.
 */
export type Phase = 'starting' | 'ready' | 'draining' | 'stopping' | 'killing' | 'gone';

/**
 * What a fact means when it arrives.
 *
 * - `progress`: a rank goes on in its life (started, cleared).
 * - `health`: an answer to be folded into the rank's health.
 * - `cause`: it ends the group. Only one fact is ever this; see `shutdown.ts`.
 * - `consequence`: it follows from the cause, and is recorded without being blamed.
 * - `insistence`: it asks for what is under way already; the second signal ends all waiting. See `shutdown.ts`.
 * - `nothing`: it is too late to matter, or cannot be.
 */
export type Meaning = 'progress' | 'health' | 'cause' | 'consequence' | 'insistence' | 'nothing';

/**
 * Every phase times every fact, so that ignoring one is a decision that somebody wrote down. A missing
 * cell does not compile.
 */
export const MEANING = {
  starting: {
    RankStarted: 'progress',
    RankStartFailed: 'cause',
    RankExited: 'cause',
    RankCleared: 'progress',
    ProbeAnswered: 'health',
    ProbeFailed: 'health',
    SignalReceived: 'cause',
    StopRequested: 'cause',
    ListenerFailed: 'cause',
    SupervisorFailed: 'cause',
  },
  ready: {
    RankStarted: 'nothing', // all of them have started, or it would not be ready
    RankStartFailed: 'nothing',
    RankExited: 'cause',
    RankCleared: 'progress',
    ProbeAnswered: 'health',
    ProbeFailed: 'health',
    SignalReceived: 'cause',
    StopRequested: 'cause',
    ListenerFailed: 'cause',
    SupervisorFailed: 'cause',
  },
  draining: {
    RankStarted: 'nothing', // only a group that was ready drains
    RankStartFailed: 'nothing',
    RankExited: 'consequence',
    RankCleared: 'progress',
    ProbeAnswered: 'nothing', // the answer to a probe sent before: nobody is asking any more
    ProbeFailed: 'nothing',
    SignalReceived: 'insistence', // vLLM ignores it
    StopRequested: 'nothing',
    ListenerFailed: 'nothing', // it would only stop what is being stopped
    SupervisorFailed: 'nothing', // whatever broke, the ending goes on
  },
  stopping: {
    RankStarted: 'progress', // started in the same breath as the cause: it is signalled on arrival
    RankStartFailed: 'consequence',
    RankExited: 'consequence',
    RankCleared: 'progress',
    ProbeAnswered: 'nothing',
    ProbeFailed: 'nothing',
    SignalReceived: 'insistence',
    StopRequested: 'nothing',
    ListenerFailed: 'nothing',
    SupervisorFailed: 'nothing',
  },
  killing: {
    RankStarted: 'progress', // signalled and killed on arrival
    RankStartFailed: 'consequence',
    RankExited: 'consequence',
    RankCleared: 'progress',
    ProbeAnswered: 'nothing',
    ProbeFailed: 'nothing',
    SignalReceived: 'nothing', // more than SIGKILL cannot be done
    StopRequested: 'nothing',
    ListenerFailed: 'nothing',
    SupervisorFailed: 'nothing',
  },
  gone: {
    RankStarted: 'nothing',
    RankStartFailed: 'nothing',
    RankExited: 'nothing',
    RankCleared: 'nothing',
    ProbeAnswered: 'nothing',
    ProbeFailed: 'nothing',
    SignalReceived: 'nothing',
    StopRequested: 'nothing',
    ListenerFailed: 'nothing',
    SupervisorFailed: 'nothing',
  },
} as const satisfies Record<Phase, Record<FactType, Meaning>>;

/** A fact, with the phase in which it arrived and what it means there. */
export interface Told {
  readonly fact: Fact;
  readonly phase: Phase;
  readonly meaning: Meaning;
}

/** Looks a fact up in the table. */
export function tell(fact: Fact, phase: Phase): Told {
  return { fact, phase, meaning: MEANING[phase][fact.type] };
}
