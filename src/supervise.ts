import { filter, firstValueFrom, isObservable, type Observable, ReplaySubject, take, takeUntil } from 'rxjs';
import { eachValueFrom } from 'rxjs-for-await';
import type { Command, Exit } from '../streams/commands.ts';
import type { Fact, StopSignal, SupervisorFailed } from '../streams/facts.ts';
import type { JournalLine } from '../streams/journal.ts';
import { DEFAULT_POLICY } from '../streams/policy.ts';
import type { Cause } from '../streams/shutdown.ts';
import type { GroupState } from '../streams/supervision.ts';
import { GROUP_OPTIONS, type Settings } from './config/options.ts';
import { readGroup } from './config/group.ts';
import { type GroupPlan, plan, policyOf, type RankPlan } from './config/plan.ts';
import { readProgramOptions } from './config/settings.ts';
import { blockers, SAY_MS } from './drivers/blockers.ts';
import { groupCgroups } from './drivers/cgroups.ts';
import { children } from './drivers/children.ts';
import { guardian, UNGUARDED } from './drivers/guardian.ts';
import { groupMark } from './drivers/mark.ts';
import type { Sinks } from './drivers/output.ts';
import { prober } from './drivers/probes.ts';
import { becomeSubreaper, watchChildren } from './drivers/subreaper.ts';
import { trees } from './drivers/trees.ts';
import { endByHand } from './end-by-hand.ts';
import { DpsError } from './errors.ts';
import { listen, readTls } from './http/listener.ts';
import { groupJournal } from './journal/group.ts';
import { liveCourse } from './live-course.ts';
import { groupLogs } from './logs.ts';

/** The options of the command line, in camel case and seconds, and what only a program can give. */
export interface SuperviseOptions extends Partial<Settings> {
  /** Program and arguments of a rank, with placeholders such as `{port}`. No shell is involved. */
  readonly command: readonly string[];
  /** Where the ranks' output goes; without it, it is read and discarded. */
  readonly output?: Sinks;
  /** Signals to pass on. Nothing is taken from the process by itself. */
  readonly signal$?: Observable<StopSignal>;
  /** False: no HTTP port is taken. */
  readonly listen?: boolean;
}

/**
 * A supervised group. Its streams are hot. `state$`, `fact$` and `command$` complete when the group is gone,
 * `readiness$` and `shutdown$` when it begins to stop: there is nothing more to say then.
 */
export interface Group {
  readonly plan: GroupPlan;
  /** Everything that happens, in order. Not replayed. */
  readonly fact$: Observable<Fact>;
  /** Everything that is done about it, in order. Not replayed. */
  readonly command$: Observable<Command>;
  /**
   * The lines of the journal, with secrets masked: the header, then every fact and every command in order. Late
   * subscribers get the newest that is in memory first, behind word of what is not.
   */
  readonly journal$: Observable<JournalLine>;
  /** Whether the group can take traffic. */
  readonly readiness$: Observable<boolean>;
  /** The first cause of the end. */
  readonly shutdown$: Observable<Cause>;
  readonly state$: Observable<GroupState>;
  /** What belongs into a log beside all that, a line each: what cannot be done, who keeps the group. Replayed. */
  readonly notice$: Observable<string>;
  /** The port that the supervisor listens on; null when it was told not to, or was gone before it answered. */
  readonly listening: Promise<number | null>;
  /** Resolves last of all: no process is left, the output is passed on, the port is free. */
  readonly exited: Promise<Exit>;
  /** Asks the group to stop, as SIGTERM does. */
  stop(reason?: string): void;
  /** The last 50 lines that a rank has written, or that it had written when the group gave it up: as text, not masked. */
  lastLines(rank: number): readonly string[];
  /** `readiness$` as an async iterable. */
  readiness(): AsyncIterable<boolean>;
  /** `state$` as an async iterable. */
  states(): AsyncIterable<GroupState>;
}

const UNREAPED =
  'warning: PID 1, and without koffi or /proc: orphans are not reaped; put an init such as tini before it';

/**
 * Starts a group and supervises it. The host program keeps its signals, its exit code and its output; what
 * happens is told through the streams, and `exited` tells how it ended.
 *
 * @throws DpsError when the options are wrong; nothing has been started then
 */
export function supervise(options: SuperviseOptions): Group {
  const { command, output, signal$, listen: wantsPort = true, ...given } = options;
  const sources = { typed: readProgramOptions(given), behind: [] };
  const { values: settings, launch } = readGroup(GROUP_OPTIONS, sources, command, process.env);
  checkProgramObjects({ output, signal$ });
  const groupPlan = plan(settings, launch);
  return superviseChecked({ settings, groupPlan, output: output ?? null, signal$, wantsPort, ownsProcess: false });
}

/** @throws DpsError `DPS_USAGE` */
function checkProgramObjects({ output, signal$ }: { output: Sinks | undefined; signal$: unknown }): void {
  const isSink = (sink: unknown) => typeof (sink as { write?: unknown } | null)?.write === 'function';
  if (output !== undefined && !(isSink(output.stdout) && isSink(output.stderr))) {
    throw new DpsError('DPS_USAGE', 'output: expected { stdout, stderr }, two writable streams');
  }
  if (signal$ !== undefined && !isObservable(signal$)) {
    throw new DpsError('DPS_USAGE', 'signal$: expected an Observable of signal names');
  }
}

/** What has been checked, by `supervise` or by the command line. */
export interface CheckedOptions {
  readonly settings: Settings;
  readonly groupPlan: GroupPlan;
  readonly output: Sinks | null;
  readonly signal$: Observable<StopSignal> | undefined;
  /** Faults that nobody caught, where the process is the group's own. */
  readonly fault$?: Observable<SupervisorFailed>;
  readonly wantsPort: boolean;
  /** Whether the process is there for the group alone, and may take in orphans. */
  readonly ownsProcess: boolean;
}

/** A fault may come again and again while the group stops; so many are told. */
const MOST_FAULTS = 10;

/** @throws DpsError `DPS_TLS_FILE`, `DPS_LOG_DIR` */
export function superviseChecked(checked: CheckedOptions): Group {
  const { settings, groupPlan, output, signal$, fault$, wantsPort, ownsProcess } = checked;
  const startedAt = performance.now();
  const tls = readTls(settings.sslKeyfile, settings.sslCertfile, settings.sslCaCerts);
  const policy = policyOf(settings, groupPlan, DEFAULT_POLICY);

  // Facts go in, commands come out, and what the commands cause comes back in as facts.
  const course = liveCourse(policy);
  const { tell, readiness$, shutdown$, state$ } = course;
  const { journal$, lines, mask } = groupJournal(course, groupPlan, policy);
  const notice$ = new ReplaySubject<string>();
  const logs = groupLogs(settings, groupPlan, { sinks: output, shutdown$, mask, warn: (text) => notice$.next(text) });
  const newest = { ready: false, everReady: false, stopping: false, state: undefined as GroupState | undefined };
  readiness$.subscribe((ready) => {
    newest.ready = ready;
    newest.everReady ||= ready;
  });
  state$.subscribe((state) => (newest.state = state));

  const mark = groupMark();
  const ranks = groupPlan.ranks.map(({ rank }) => rank);
  const cgroups = groupCgroups(mark, ranks);
  const warn = (message: string) => notice$.next(`warning: ${message}`);
  const guard = process.pid === 1 ? UNGUARDED : guardian({ mark, cgroup: cgroups.folder }, warn);
  const forest = trees(mark, cgroups);
  if (ownsProcess) {
    watchChildren();
    const subreaper = becomeSubreaper();
    if (subreaper !== null) forest.use(subreaper);
    else if (process.pid === 1) notice$.next(UNREAPED);
  }
  const kids = children(tell, logs.output, mark, guard, forest);
  const probes = prober(policy.probeTimeoutMs);
  const planOf = new Map(groupPlan.ranks.map((rankPlan) => [rankPlan.rank, rankPlan]));
  const holding = wantsPort ? listen({ host: settings.host, port: settings.dataParallelSupervisorPort, tls }) : null;

  shutdown$.subscribe(() => {
    newest.stopping = true;
    const blocked = setInterval(() => {
      for (const line of blockers(kids.left())) notice$.next(line);
    }, SAY_MS).unref();
    void exited.then(() => clearInterval(blocked));
    probes.close(); // a question of ours that hangs must not hold up a server that drains
  });
  const exit$ = course.command$.pipe(filter((command) => command.type === 'Exit'));
  const exited = firstValueFrom(exit$, { defaultValue: null }).then(async (commanded) => {
    const exit = commanded ?? (await endByHand(await firstValueFrom(shutdown$), kids, policy));
    await Promise.all([kids.flushed(settings.logFlushTimeout * 1_000), guard.dismissed()]);
    cgroups.remove();
    logs.leaveLastWords(exit);
    notice$.complete();
    void holding?.then((listener) => listener.close()).catch(() => undefined);
    return exit;
  });
  holding?.then(
    (listener) => void listener.lost.then((error) => tell({ type: 'ListenerFailed', error })),
    (error: Error) => tell({ type: 'ListenerFailed', error: error.message }),
  );
  course.command$.subscribe(perform);
  // On the next turn, so that whoever subscribes at once misses nothing.
  queueMicrotask(() => {
    course.begin();
    signal$?.pipe(takeUntil(exited)).subscribe((signal) => tell({ type: 'SignalReceived', signal }));
    fault$?.pipe(take(MOST_FAULTS), takeUntil(exited)).subscribe(tell);
  });
  const listening = serveWhenHeld().catch((error: Error) => {
    tell({ type: 'ListenerFailed', error: error.message });
    return null;
  });

  void Promise.all([listening, forest.tried]).then(() => {
    if (!newest.stopping) notice$.next(`processes of a rank are found by ${forest.inWords()}`);
  });

  return {
    plan: groupPlan,
    fact$: course.fact$,
    command$: course.command$,
    journal$,
    readiness$,
    shutdown$,
    state$,
    notice$: notice$.asObservable(),
    listening,
    exited,
    lastLines: logs.lastLines,
    stop: (reason = 'no reason was given') => queueMicrotask(() => tell({ type: 'StopRequested', reason })),
    readiness: () => eachValueFrom(readiness$),
    states: () => eachValueFrom(state$),
  };

  function perform(command: Command): void {
    switch (command.type) {
      case 'StartRank':
        return void start(command.rank);
      case 'ProbeRank':
        return void probes.probe(planned(command.rank)).then(tell);
      case 'SignalRank':
        return kids.signal(command.rank, command.signal);
      case 'KillRank':
        return kids.kill(command.rank);
      case 'Exit':
        return;
    }
  }

  /** No rank starts before the port is held (a name may have to be looked up first), and none once the group is stopping. */
  async function start(rank: number): Promise<void> {
    const stopping = firstValueFrom(shutdown$, { defaultValue: null });
    await Promise.race([holding?.catch(() => undefined), stopping]);
    if (newest.stopping) tell({ type: 'RankStartFailed', rank, error: 'the group was stopping already' });
    else kids.start(planned(rank));
  }

  /** The routes are loaded after the ranks have been started: nobody waits for them but a first request. */
  async function serveWhenHeld(): Promise<number | null> {
    const listener = await holding?.catch(() => null);
    if (!listener) return null;
    const { serve } = await import('./http/app.ts');
    await serve(listener, {
      plan: { ...groupPlan, supervisor: { ...groupPlan.supervisor, port: listener.port } },
      startedAt,
      state: () => newest.state ?? never(),
      ready: () => newest.ready,
      everReady: () => newest.everReady,
      journal: lines,
      processTrees: () => forest.inWords(),
    });
    return listener.server.listening ? listener.port : null; // a group can be gone before its routes are loaded
  }

  function planned(rank: number): RankPlan {
    return planOf.get(rank) ?? never();
  }
}

function never(): never {
  throw new Error('unreachable: the core commands only what was planned, and tells its state from the start');
}
