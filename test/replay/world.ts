// Groups in a world that answers: what the ranks do to commands is decided before, and what comes of it is recorded
// as the journal of a live group would have it, in virtual time.
import fc from 'fast-check';
import { Subject } from 'rxjs';
import type { Command } from '../../streams/commands.ts';
import { type Fact, STOP_SIGNALS } from '../../streams/facts.ts';
import { isFactEntry, JOURNAL_VERSION, type JournalEntry } from '../../streams/journal.ts';
import type { At } from '../../streams/play.ts';
import { DEFAULT_POLICY, type Policy } from '../../streams/policy.ts';
import { supervision } from '../../streams/supervision.ts';
import { Timeline } from '../../streams/timeline.ts';

export type Answer = 200 | 503 | 418 | 'timeout' | 'refused' | 'weird' | 'prober';

export interface RankWorld {
  /** Milliseconds from the command to the start; null when it cannot be started. */
  readonly startsAfter: number | null;
  /** What probes bring, one after the other; the last of them for ever. */
  readonly answers: readonly { readonly after: number; readonly brings: Answer }[];
  /** When it leaves by itself. */
  readonly exits: { readonly at: number; readonly code: number | null } | null;
  /** From the signal to its exit; null when it does not care. */
  readonly leavesAfter: number | null;
  readonly clearsAfter: number;
}

export interface World {
  readonly policy: Policy;
  /** In the order of the policy's ranks. */
  readonly ranks: readonly RankWorld[];
  /** What comes to the supervisor itself. */
  readonly outside: readonly At<Fact>[];
  readonly until: number;
}

export const HEALTHY: RankWorld = {
  startsAfter: 1,
  answers: [{ after: 2, brings: 200 }],
  exits: null,
  leavesAfter: 3,
  clearsAfter: 1,
};

/** A policy of so many ranks; what is not said is the program's default. */
export function policyOf(ranks: number, changes: Partial<Policy> = {}): Policy {
  return { ...DEFAULT_POLICY, ranks: Array.from({ length: ranks }, (_, rank) => rank), ...changes };
}

/** Runs a group in its world and records it. */
export function record({ policy, ranks, outside, until }: World): readonly JournalEntry[] {
  const timeline = new Timeline();
  const fact$ = new Subject<Fact>();
  const entries: JournalEntry[] = [];
  const coming: At<Fact>[] = [...outside];
  const lives = policy.ranks.map(() => ({ asked: 0, gone: false }));
  const put = (said: { fact: Fact } | { command: Command }) =>
    entries.push({ seq: entries.length + 1, t: timeline.now(), ...said });
  // Live, what a command causes comes on a later turn: a microsecond later at the least.
  const comes = (after: number, value: Fact) =>
    coming.push({ at: micro(timeline.now() + Math.max(after, 0.001)), value });

  supervision(fact$, policy, timeline).command$.subscribe((command) => {
    put({ command });
    if (command.type === 'Exit') return;
    const place = policy.ranks.indexOf(command.rank);
    const [world, life] = [ranks[place] ?? HEALTHY, lives[place] ?? { asked: 0, gone: false }];
    react(command, world, life);
  });
  for (;;) {
    coming.sort((a, b) => a.at - b.at);
    const [next] = coming;
    const due = timeline.nextDue() ?? Infinity;
    if (Math.min(next?.at ?? Infinity, due) > until) return entries;
    if (next === undefined || due < next.at) {
      timeline.advanceThrough(due);
      continue;
    }
    coming.shift();
    timeline.advanceTo(next.at);
    const { value } = next;
    const life = 'rank' in value ? lives[policy.ranks.indexOf(value.rank)] : undefined;
    if (value.type === 'RankExited') {
      if (life?.gone) continue;
      if (life !== undefined) life.gone = true;
    }
    put({ fact: value });
    fact$.next(value);
    if (entries.some((entry) => 'command' in entry && entry.command.type === 'Exit')) return entries;
  }

  function react(
    command: Exclude<Command, { type: 'Exit' }>,
    world: RankWorld,
    life: { asked: number; gone: boolean },
  ): void {
    const { rank } = command;
    const leave = (after: number, code: number | null, signal: string | null) => {
      comes(after, { type: 'RankExited', rank, code, signal });
      comes(after + world.clearsAfter, { type: 'RankCleared', rank });
    };
    switch (command.type) {
      case 'StartRank':
        if (world.startsAfter === null)
          return comes(1, { type: 'RankStartFailed', rank, error: 'no such program' }) as never;
        comes(world.startsAfter, { type: 'RankStarted', rank, pid: 100 + rank });
        if (world.exits !== null)
          leave(
            Math.max(world.exits.at, world.startsAfter),
            world.exits.code,
            world.exits.code === null ? 'SIGSEGV' : null,
          );
        return;
      case 'ProbeRank': {
        const answer = world.answers[Math.min(life.asked, world.answers.length - 1)];
        life.asked += 1;
        if (answer !== undefined && !life.gone) comes(answer.after, answerOf(rank, answer.brings));
        return;
      }
      case 'SignalRank':
        if (world.leavesAfter !== null && !life.gone) leave(world.leavesAfter, 0, null);
        return;
      case 'KillRank':
        if (!life.gone) leave(0.5, null, 'SIGKILL');
        return;
    }
  }
}

/** The same as a file. */
export function journalText(policy: Policy, entries: readonly JournalEntry[]): string {
  const ranks = policy.ranks.map((rank) => ({ rank, port: 8_000 + rank, argv: ['server'] }));
  const header = { program: 'dp-supervisor', version: '1.2.3', startedAt: '2026-01-02T03:04:05.678Z', policy, ranks };
  return [{ v: JOURNAL_VERSION, header }, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
}

export function factsOf(entries: readonly JournalEntry[]): readonly At<Fact>[] {
  return entries.filter(isFactEntry).map(({ t, fact }) => ({ at: t, value: fact }));
}

function answerOf(rank: number, brings: Answer): Fact {
  if (typeof brings === 'number') return { type: 'ProbeAnswered', rank, status: brings };
  const fault = brings === 'prober' ? 'prober' : 'server';
  return { type: 'ProbeFailed', rank, fault, reason: brings === 'prober' ? 'EMFILE' : brings };
}

function micro(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** Milliseconds, whole ones or with microseconds: ties and near ties are both common. */
const delay = (max: number) =>
  fc.oneof(
    fc.integer({ min: 0, max }),
    fc.integer({ min: 0, max: max * 1_000 }).map((us) => us / 1_000),
  );

const rankWorlds: fc.Arbitrary<RankWorld> = fc.record({
  startsAfter: fc.option(delay(30), { freq: 12 }),
  answers: fc.array(
    fc.record({
      after: delay(40),
      brings: fc.constantFrom<Answer>(200, 200, 200, 200, 503, 418, 'timeout', 'refused', 'weird', 'prober'),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  exits: fc.option(fc.record({ at: delay(1_500), code: fc.constantFrom(0, 1, 17, null) }), { freq: 3 }),
  leavesAfter: fc.option(delay(90), { freq: 4 }),
  clearsAfter: delay(20),
});

const policies = (ranks: number): fc.Arbitrary<Policy> =>
  fc.record({
    ranks: fc.constantFrom(0, 0, 5).map((start) => Array.from({ length: ranks }, (_, rank) => start + rank)),
    startupProbeIntervalMs: fc.integer({ min: 1, max: 50 }),
    probeIntervalMs: fc.integer({ min: 5, max: 200 }),
    probeTimeoutMs: fc.integer({ min: 1, max: 100 }),
    probeFailureThreshold: fc.integer({ min: 1, max: 4 }),
    startupLimit: fc.oneof(
      fc.constant({ kind: 'none' } as const),
      fc.record({ kind: fc.constant('within' as const), ms: fc.integer({ min: 1, max: 300 }) }),
    ),
    drainDelayMs: fc.constantFrom(0, 0, 40),
    stopSignal: fc.constantFrom(...STOP_SIGNALS),
    shutdownTimeoutMs: fc.constantFrom(0, 60),
    exitGraceMs: fc.constantFrom(0, 1, 60),
    killWaitMs: fc.constantFrom(0, 50),
    secondSignalAfterMs: fc.constantFrom(0, 20, 100),
  });

const outside: fc.Arbitrary<readonly At<Fact>[]> = fc.array(
  fc.record({
    at: delay(1_500),
    value: fc.oneof(
      fc.record({ type: fc.constant('SignalReceived' as const), signal: fc.constantFrom(...STOP_SIGNALS) }),
      fc.constant<Fact>({ type: 'StopRequested', reason: 'enough' }),
      fc.constant<Fact>({ type: 'ListenerFailed', error: 'gone' }),
      fc.constant<Fact>({ type: 'SupervisorFailed', error: 'Error: no', stack: '' }),
    ),
  }),
  { maxLength: 2 },
);

/** Any group that there can be, of up to a dozen ranks, for up to two seconds. */
export const worlds: fc.Arbitrary<World> = fc.constantFrom(1, 2, 3, 12).chain((ranks) =>
  fc.record({
    policy: policies(ranks),
    ranks: fc.array(rankWorlds, { minLength: ranks, maxLength: ranks }),
    outside,
    until: fc.integer({ min: 100, max: 2_000 }),
  }),
);
