import type { Phase } from '../../streams/phases.ts';
import { isHealthy, type LeaderExit, type Life } from '../../streams/ranks.ts';
import type { Cause } from '../../streams/shutdown.ts';
import { causeInWords, exitInWords, readinessInWords } from '../render/words.ts';
import { VERSION } from '../version.ts';
import type { View } from './routes.ts';

/** The body of `/status`. */
export interface GroupStatus {
  readonly version: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly phase: Phase;
  readonly ready: boolean;
  readonly everReady: boolean;
  readonly reason: string;
  readonly cause: (Cause & { readonly text: string }) | null;
  readonly supervisor: { readonly host: string; readonly port: number };
  /** How the processes of a rank are found, in words. */
  readonly processTrees: string;
  readonly ranks: readonly RankStatus[];
}

export interface RankStatus {
  readonly rank: number;
  readonly localRank: number;
  readonly port: number;
  readonly healthUrl: string;
  readonly process: Life['is'];
  readonly pid: number | null;
  readonly exit: (LeaderExit & { readonly text: string }) | null;
  readonly healthy: boolean;
  /** Probes in a row that got no answer. */
  readonly failures: number;
  /** What the last probe brought back. */
  readonly last: string | null;
}

export function statusOf(view: View): GroupStatus {
  const state = view.state();
  return {
    version: VERSION,
    pid: process.pid,
    uptimeSeconds: Number(((performance.now() - view.startedAt) / 1_000).toFixed(3)),
    phase: state.phase,
    ready: view.ready(),
    everReady: view.everReady(),
    reason: readinessInWords(state),
    cause: state.cause === null ? null : { ...state.cause, text: causeInWords(state.cause) },
    supervisor: view.plan.supervisor,
    processTrees: view.processTrees(),
    ranks: state.ranks.flatMap((rankState) => {
      const plan = view.plan.ranks.find(({ rank }) => rank === rankState.rank);
      if (plan === undefined) return [];
      const { life, health } = rankState;
      const exit = 'exit' in life ? life.exit : null;
      return {
        rank: plan.rank,
        localRank: plan.localRank,
        port: plan.port,
        healthUrl: plan.healthUrl.replace(/\?.*/s, ''), // a query may hold a token
        process: life.is,
        pid: 'pid' in life ? life.pid : null,
        exit: exit === null ? null : { ...exit, text: exitInWords(exit) },
        healthy: isHealthy(rankState),
        failures: health.failures,
        last: health.last,
      };
    }),
  };
}
