import type { GroupState } from '../../streams/supervision.ts';
import { isHealthy } from '../../streams/ranks.ts';
import type { GroupPlan } from '../config/plan.ts';
import { readinessInWords } from '../render/words.ts';
import { type GroupStatus, statusOf } from './status.ts';

/** What a route answers from. */
export interface View {
  readonly plan: GroupPlan;
  /** `performance.now()` of the start. */
  readonly startedAt: number;
  /** The newest state. */
  state(): GroupState;
  /** Whether the group can take traffic, this instant. */
  ready(): boolean;
  /** Whether it ever could. */
  everReady(): boolean;
  /** The journal's header and newest entries, each a line without its end. */
  journal(): readonly string[];
  /** How the processes of a rank are found, in words. */
  processTrees(): string;
}

export interface Answer {
  readonly status: 200 | 404 | 503;
  /** Sent as JSON; a text is sent as it is, as `type`. */
  readonly body: object | string;
  readonly type?: 'application/x-ndjson';
}

export interface Route {
  readonly path: string;
  /** One sentence for the reference. */
  readonly help: string;
  answer(view: View, parameters: Readonly<Record<string, string>>): Answer;
}

const readyRoute = (path: string, help: string): Route => ({
  path,
  help,
  answer: (view) => ({
    status: view.ready() ? 200 : 503,
    body: { ready: view.ready(), phase: view.state().phase, reason: readinessInWords(view.state()) },
  }),
});

/** Every route, in the order of the reference. The one place of their names. */
export const ROUTES: readonly Route[] = [
  readyRoute('/health', '200 while the group is ready, else 503 with the reason.'),
  readyRoute('/ready', 'The same.'),
  readyRoute('/readyz', 'The same, by the name that Kubernetes is used to.'),
  {
    path: '/livez',
    help: '200 while the process serves.',
    answer: () => ({ status: 200, body: { alive: true } }),
  },
  {
    path: '/startupz',
    help: '200 once the group was ready for the first time, also while it stops later; 503 before.',
    answer: (view) => ({
      status: view.everReady() ? 200 : 503,
      body: { started: view.everReady(), reason: readinessInWords(view.state()) },
    }),
  },
  {
    path: '/ranks/:rank/health',
    help: '200 while this rank is healthy, 503 while it is not, 404 when it is not one of this supervisor.',
    answer: (view, { rank }) => {
      const state = view.state().ranks.find((candidate) => String(candidate.rank) === rank);
      if (state === undefined) return { status: 404, body: { error: `there is no rank ${rank} here` } };
      const { life, health } = state;
      const healthy = isHealthy(state);
      return { status: healthy ? 200 : 503, body: { rank: state.rank, healthy, process: life.is, last: health.last } };
    },
  },
  {
    path: '/status',
    help: 'All that is known, as JSON; no command line and no environment, which may hold secrets.',
    answer: (view) => ({ status: 200, body: statusOf(view) satisfies GroupStatus }),
  },
  {
    path: '/journal',
    help: 'The newest facts and commands behind the header of the journal, as NDJSON; secrets are masked.',
    answer: (view) => ({
      status: 200,
      body: view
        .journal()
        .map((line) => `${line}\n`)
        .join(''),
      type: 'application/x-ndjson',
    }),
  },
];
