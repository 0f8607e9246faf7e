import type { StopSignal } from '../../streams/facts.ts';
import { dice } from '../dice.ts';

/** What one run shall be like. All of it follows from a seed; when exactly things happen is up to the machine. */
export interface RunPlan {
  readonly seed: number;
  readonly ranks: readonly RankKind[];
  readonly settings: {
    readonly startupProbeIntervalS: number;
    readonly dpSupervisorProbeIntervalS: number;
    readonly dpSupervisorProbeTimeoutS: number;
    readonly dpSupervisorProbeFailureThreshold: number;
    readonly startupTimeout: number;
    readonly drainDelay: number;
    readonly exitGrace: number;
  };
  /** What each rank's server does with one probe after the other; the last goes on for ever. */
  readonly answers: readonly (readonly Answer[])[];
  readonly deeds: readonly Deed[];
}

export type RankKind =
  'obeys' | 'is stubborn' | 'leaves a child behind' | 'exits soon' | 'exits at once' | 'cannot start';
export type Answer = 200 | 503 | 'never' | 'reset';

/** Things done in one turn of the loop. */
export interface Deed {
  /** In the very turn of it when `ms` is 0. */
  readonly after: 'the beginning' | 'the last start' | 'ready';
  readonly ms: number;
  /** The loop is blocked for so long first, so that timers, exits and answers pile up. */
  readonly blockMs: number;
  readonly signals: readonly StopSignal[];
  readonly stop: boolean;
  /** Ranks whose leaders get SIGKILL, by their place. */
  readonly kill: readonly number[];
}

/** By then a run that nothing has ended is asked to stop. */
const LONGEST_MS = 500;

/** Draws a plan: the same for the same seed. Every other one is of a group that is to be ready before it ends. */
export function runPlan(seed: number): RunPlan {
  const { pick, chance, upTo } = dice(seed);
  const getsReady = seed % 2 === 0;
  const places = Array.from({ length: 1 + upTo(3) }, (_, place) => place);
  const steady: readonly RankKind[] = pick([['obeys'], ['obeys', 'leaves a child behind'], ['is stubborn', 'obeys']]);
  const shaky: readonly RankKind[] = pick([['exits soon'], ['exits soon', 'exits at once'], ['obeys', 'cannot start']]);
  const kinds = getsReady ? steady : pick([steady, shaky]);
  const ills = pick<readonly Answer[]>([[503], ['reset'], ['never'], [503, 'reset', 'never']]);
  const [ill, well] = getsReady ? [0, 1] : [upTo(3), 0];

  return {
    seed,
    ranks: places.map(() => pick(kinds)),
    settings: {
      startupProbeIntervalS: pick([0.01, 0.01, 0.02]),
      dpSupervisorProbeIntervalS: pick([0.01, 0.01, 0.03]),
      dpSupervisorProbeTimeoutS: getsReady ? 0.2 : 0.02,
      dpSupervisorProbeFailureThreshold: pick([1, 2, 3]),
      startupTimeout: getsReady ? 0 : pick([0, 0, 0.05, 0.2]),
      drainDelay: pick([0, 0, 0.01, 0.02]),
      exitGrace: pick([0, 0.02, 0.1]),
    },
    // Not well at first, then well for a while, then for good whatever it is.
    answers: places.map(() => [
      ...Array.from({ length: ill }, () => pick(ills)),
      ...Array.from({ length: well + upTo(4) }, () => 200 as const),
      pick([200, pick(ills)]),
    ]),
    deeds: [...Array.from({ length: upTo(2) }, deed), lastDeed],
  };

  function deed(): Deed {
    return {
      after: getsReady ? 'ready' : pick(['the beginning', 'the last start', 'ready']),
      ms: pick([0, 0, 10, 10 * upTo(6)]),
      blockMs: pick([0, 0, 2, 10]),
      signals: pick<readonly StopSignal[]>([[], [], ['SIGTERM'], ['SIGINT'], ['SIGHUP', 'SIGTERM']]),
      stop: chance(0.3),
      kill: chance(0.5) ? places.filter(() => chance(0.6)) : [],
    };
  }
}

const lastDeed: Deed = { after: 'the beginning', ms: LONGEST_MS, blockMs: 0, signals: [], stop: true, kill: [] };
