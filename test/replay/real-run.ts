import { symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, lastValueFrom, type Observable, skip, Subject, take, toArray } from 'rxjs';
import { type Exit, type Fact, type Group, type StopSignal, supervise } from '../../src/index.ts';
import type { JournalEntry, JournalLine } from '../../streams/journal.ts';
import type { Policy } from '../../streams/policy.ts';
import { checked } from '../journal/schema-check.ts';
import type { HealthServers } from './health-servers.ts';
import type { Deed, RankKind, RunPlan } from './run-plan.ts';

/** What was recorded of a run, and who took part. */
export interface RealRun {
  readonly policy: Policy;
  readonly entries: readonly JournalEntry[];
  readonly exit: Exit;
  /** Leaders of the ranks; each has a group of the same number. */
  readonly pids: readonly number[];
}

/** Every signal that a group passes on; longer than any run. */
const STOPS = 'TERM INT HUP QUIT';
const LONG_S = 60;

const SCRIPTS: Record<Exclude<RankKind, 'cannot start'>, string> = {
  obeys: `exec sleep ${LONG_S}`,
  'is stubborn': `trap '' ${STOPS}; exec sleep ${LONG_S}`,
  'leaves a child behind': `trap 'exit 3' ${STOPS}; (trap 'sleep 0.01; exit' ${STOPS}; sleep ${LONG_S} & wait) & wait`,
  'exits soon': 'exec sleep 0.2',
  'exits at once': 'exit 4',
};

/** Supervises real processes as planned, does to them what is planned, and gives the record of it. */
export async function realRun({ ranks, settings, answers, deeds }: RunPlan, servers: HealthServers): Promise<RealRun> {
  const shells = await mkdtemp(join(tmpdir(), 'real-run-'));
  const timers: NodeJS.Timeout[] = [];
  ranks.forEach((kind, place) => {
    if (kind !== 'cannot start') symlinkSync('/bin/sh', join(shells, `rank-${place}`));
  });
  servers.answerWith(answers);

  const signal$ = new Subject<StopSignal>();
  const group = supervise({
    ...settings,
    command: [join(shells, 'rank-{rank}'), '-c', `case {rank} in ${ranks.map(caseOf).join(' ')} esac`],
    host: '127.0.0.1',
    port: servers.port,
    dataParallelSize: ranks.length,
    listen: false,
    signal$,
  });
  const record = lastValueFrom(group.journal$.pipe(toArray()));
  const pids = new Map<number, number>();
  group.fact$.subscribe((fact) => {
    if (fact.type === 'RankStarted') pids.set(fact.rank, fact.pid);
  });
  for (const deed of deeds) plan(deed);

  try {
    const exit = await group.exited;
    const { policy, entries } = readBack(await record);
    return { policy, entries, exit, pids: [...pids.values()] };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    await rm(shells, { recursive: true });
  }

  function plan(deed: Deed): void {
    const then = () => {
      if (deed.ms === 0) carryOut(deed);
      else timers.push(setTimeout(() => carryOut(deed), deed.ms));
    };
    switch (deed.after) {
      case 'the beginning':
        return then();
      case 'the last start':
        return void lastStart(group, ranks.length).subscribe(then);
      case 'ready':
        return void group.readiness$.pipe(filter(Boolean), take(1)).subscribe(then);
    }
  }

  function carryOut({ blockMs, signals, stop, kill }: Deed): void {
    const until = performance.now() + blockMs;
    while (performance.now() < until);
    for (const place of kill) killLeader(pids.get(place));
    for (const signal of signals) signal$.next(signal);
    if (stop) group.stop('planned');
  }
}

function caseOf(kind: RankKind, place: number): string {
  return kind === 'cannot start' ? '' : `${place}) ${SCRIPTS[kind]};;`;
}

function lastStart({ fact$ }: Group, ranks: number): Observable<Fact> {
  return fact$.pipe(
    filter(({ type }) => type === 'RankStarted'),
    skip(ranks - 1),
    take(1),
  );
}

function killLeader(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // it has left by itself
  }
}

/** Header and entries, as they would come back from a file. */
function readBack(lines: readonly JournalLine[]): Pick<RealRun, 'policy' | 'entries'> {
  const { header, entries, gaps } = checked(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  if (gaps.length > 0) throw new Error('a short run is recorded whole');
  return { policy: header.policy, entries };
}
