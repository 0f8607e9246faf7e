import { dice } from '../dice.ts';

/** What one run shall go through. All of it follows from the seed; when exactly things happen is up to the machine. */
export interface ChaosPlan {
  readonly seed: number;
  readonly ranks: readonly RankPlan[];
  /** Options of the supervisor, beside ports, size and journal. */
  readonly options: readonly string[];
  /** Whether time begins with the process itself; otherwise when its ranks have been started and it listens. */
  readonly early: boolean;
  /** What is done to the supervisor, in order. */
  readonly deeds: readonly SupervisorDeed[];
  /** It is killed as soon as it has so many children, the guardian and ranks; null: it is not. */
  readonly killedAtChild: number | null;
}

export interface RankPlan {
  /** What a stop signal does to it: it leaves at once, after a while, or not at all. */
  readonly manner: 'obedient' | 'slow' | 'deaf';
  /** What it does in its first millisecond, before its program is loaded. */
  readonly first: (typeof FIRST_DEEDS)[number] | null;
  readonly deeds: readonly RankDeed[];
}

/** What a rank does by itself, `ms` after it has begun to listen. */
export interface RankDeed {
  readonly ms: number;
  readonly what: (typeof RANK_DEEDS)[number];
}

export interface SupervisorDeed {
  readonly ms: number;
  readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';
}

const RANK_DEEDS = [
  'exit',
  'crash',
  'hang',
  'say 503',
  'stop',
  'fork',
  'daemonise',
  'daemonise without a trace',
  'paint a title',
  'spam',
  'write a long line',
  'close its output',
] as const;

const MARKED_FIRST_DEEDS = ['fork', 'daemonise'] as const;
const FIRST_DEEDS = [...MARKED_FIRST_DEEDS, 'daemonise without a trace'] as const;

/** What leaves a group as it is. */
const HARMLESS: ReadonlySet<RankDeed['what']> = new Set([
  'fork',
  'daemonise',
  'daemonise without a trace',
  'paint a title',
  'spam',
  'write a long line',
  'close its output',
]);

/** By then a group that nothing has ended is asked to stop. */
const LONGEST_MS = 1_200;

/**
 * The grace of a group in which every rank leaves at once when it is told to, and therefore has to leave with status 0.
 * A short one would be a measurement of how busy the machine is.
 */
const PEACEFUL_GRACE_S = '8';
/** Nor may a rank of such a group be blamed for an answer that is late. */
const PEACEFUL_PROBE_TIMEOUT_S = '5';

/** Draws a plan: the same for the same seed. */
export function chaosPlan(seed: number): ChaosPlan {
  const { pick, chance, upTo } = dice(seed);
  const size = 1 + upTo(2);
  const early = chance(0.1);
  const killedAtChild = chance(0.1) ? 1 + upTo(size) : null;
  // Of a rank that is not in its cgroup yet, nobody without a mark is held to go with a supervisor that is killed.
  const firstDeeds = early || killedAtChild !== null ? MARKED_FIRST_DEEDS : FIRST_DEEDS;
  const ranks = Array.from({ length: size }, (): RankPlan => ({
    manner: pick(['obedient', 'obedient', 'slow', 'deaf']),
    first: chance(0.6) ? null : pick(firstDeeds),
    deeds: Array.from({ length: upTo(2) }, () => ({ ms: 50 * upTo(16), what: pick(RANK_DEEDS) })),
  }));
  const peaceful = ranks.every(isPeaceful);
  const grace = pick(['0', '0.2', '0.6']);
  const options = [
    ...['--startup-probe-interval-s', '0.05', '--dp-supervisor-probe-interval-s', pick(['0.05', '0.2'])],
    ...['--dp-supervisor-probe-timeout-s', peaceful ? PEACEFUL_PROBE_TIMEOUT_S : '0.3'],
    ...['--dp-supervisor-probe-failure-threshold', pick(['1', '2', '3'])],
    ...['--exit-grace', peaceful ? PEACEFUL_GRACE_S : grace, '--drain-delay', pick(['0', '0', '0.1'])],
  ];
  const stop: SupervisorDeed = { ms: LONGEST_MS, signal: 'SIGTERM' };
  const earlier = (): SupervisorDeed => ({ ms: 50 * upTo(20), signal: pick(['SIGTERM', 'SIGINT']) });
  const deeds = pick<() => readonly SupervisorDeed[]>([
    () => [stop],
    () => [stop],
    () => [earlier(), stop],
    () => [earlier(), earlier(), stop],
    () => [{ ms: 50 * upTo(20), signal: 'SIGKILL' }],
    () => asleep(50 * upTo(8), 50 * upTo(12)),
  ])();
  return { seed, ranks, options, early, deeds: [...deeds].sort((a, b) => a.ms - b.ms), killedAtChild };

  function asleep(from: number, length: number): readonly SupervisorDeed[] {
    return [
      { ms: from, signal: 'SIGSTOP' },
      { ms: from + length, signal: 'SIGCONT' },
      stop,
      ...(chance(0.3) ? [earlier()] : []),
    ];
  }
}

/** Whether nothing that the rank does can end the group or need force. */
export function isPeaceful({ manner, deeds }: RankPlan): boolean {
  return manner === 'obedient' && deeds.every(({ what }) => HARMLESS.has(what));
}

/** A plan in one line, for whom a run has failed. */
export function planInWords({ ranks, options, early, deeds, killedAtChild }: ChaosPlan): string {
  const rankWords = ranks.map(({ manner, first, deeds }, rank) => {
    const does = [
      ...(first === null ? [] : [`, first ${first}`]),
      ...deeds.map(({ ms, what }) => `, at ${ms} ms ${what}`),
    ];
    return `rank ${rank} is ${manner}${does.join('')}`;
  });
  const timed = deeds.map(({ ms, signal }) => `${signal} at ${ms} ms`).join(', ');
  const deedWords = killedAtChild === null ? timed : `SIGKILL at child number ${killedAtChild}`;
  return [...rankWords, early ? `while it is loaded ${deedWords}` : deedWords, options.join(' ')].join('; ');
}
