import type { OptionTable } from '../config/option.ts';
import {
  DEMO_OPTIONS,
  ENGINE_OPTIONS,
  PLAN_OPTIONS,
  REPLAY_OPTIONS,
  RUN_OPTIONS,
  STATUS_OPTIONS,
} from '../config/options.ts';
import type { Asked } from './sources.ts';

/** One way of calling the program. */
export interface Topic {
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionTable;
  /** Its words are its own, so that options may stand behind them. */
  readonly optionsAnywhere: boolean;
  /** Whether it runs until a signal asks it to stop. */
  readonly takesSignals: boolean;
  /** Loads what it needs, runs, and resolves with the status to leave with. */
  run(asked: Asked<OptionTable>): Promise<number>;
}

/** Supervision itself, which has no name of its own. */
export const SUPERVISE = topic({
  usage: 'dp-supervisor [options] [--] COMMAND [ARG...]',
  summary: 'Starts N ranks of COMMAND, says when all of them can take traffic, stops them in time and says why.',
  options: RUN_OPTIONS,
  takesSignals: true,
  load: async () => (await import('./run.ts')).runCommand,
});

/** The subcommands, by name. */
export const SUBCOMMANDS: ReadonlyMap<string, Topic> = new Map([
  [
    'plan',
    topic({
      usage: 'dp-supervisor plan [options] [--] COMMAND [ARG...]',
      summary: 'Checks everything and prints what would be run; starts nothing.',
      options: PLAN_OPTIONS,
      takesSignals: false,
      load: async () => (await import('./plan.ts')).planCommand,
    }),
  ],
  [
    'replay',
    topic({
      usage: 'dp-supervisor replay FILE [--set NAME=VALUE ...] [options]',
      summary:
        'Plays a journal or a .marble scenario again, and shows it: status 0 when it comes out the same, 1 when not.',
      options: REPLAY_OPTIONS,
      optionsAnywhere: true,
      takesSignals: false,
      load: async () => (await import('./replay.ts')).replayCommand,
    }),
  ],
  [
    'status',
    topic({
      usage: 'dp-supervisor status [--url URL] [--json]',
      summary: "Prints a running supervisor's state: status 0 when it is ready, 1 when it is not or nobody answers.",
      options: STATUS_OPTIONS,
      takesSignals: false,
      load: async () => (await import('./status.ts')).statusCommand,
    }),
  ],
  [
    'demo',
    topic({
      usage: 'dp-supervisor demo [options]',
      summary: 'Puts embedded engines under supervision, and says what to try on them.',
      options: DEMO_OPTIONS,
      takesSignals: true,
      load: async () => (await import('./demo.ts')).demoCommand,
    }),
  ],
  [
    'engine',
    topic({
      usage: 'dp-supervisor engine --port N [options]',
      summary: 'Runs one embedded engine: a small OpenAI-compatible server that fails on request.',
      options: ENGINE_OPTIONS,
      takesSignals: true,
      load: async () => (await import('./engine.ts')).engineCommand,
    }),
  ],
]);

interface Definition<T extends OptionTable> {
  readonly usage: string;
  readonly summary: string;
  readonly options: T;
  readonly optionsAnywhere?: boolean;
  readonly takesSignals: boolean;
  load(): Promise<(asked: Asked<T>) => Promise<number> | number>;
}

/** Ties a table to the function that takes its values, and then forgets which table it was. */
function topic<T extends OptionTable>({ load, ...topic }: Definition<T>): Topic {
  return {
    optionsAnywhere: false,
    ...topic,
    run: async (asked) => (await load())(asked as unknown as Asked<T>),
  };
}
