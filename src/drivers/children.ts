import { type ChildProcess, spawn } from 'node:child_process';
import type { Fact, StopSignal } from '../../streams/facts.ts';
import type { RankPlan } from '../config/plan.ts';
import { type Guardian, UNGUARDED } from './guardian.ts';
import { killTree, signalOne, signalTree, treeLives } from './kill.ts';
import { groupMark, MARK_NAME } from './mark.ts';
import type { RankOutput } from './output.ts';
import { type ProcessEntry, startTimeOf } from './process-table.ts';
import { trees, type Tree, type Trees } from './trees.ts';

/** The owner of the ranks' processes. What it is told to do comes back through `tell`, on a later turn. */
export interface Children {
  start(rank: RankPlan): void;
  signal(rank: number, signal: StopSignal): void;
  kill(rank: number): void;
  /** The ranks of which a process is left, as far as is known. */
  present(): readonly number[];
  /** What is left of each rank that has not gone. */
  left(): ReadonlyMap<number, Remains>;
  /**
   * Resolves when all that the ranks wrote has been passed on, or when for `limitMs` nobody has taken any of it. Then
   * nothing that is left of a rank is waited for any more: neither who holds its pipes, nor a process that cannot
   * be killed.
   */
  flushed(limitMs: number): Promise<void>;
}

export interface Remains {
  /** The process group that it led, or leads. */
  readonly group: number;
  /** Who is there, the leader among them; null where there is no way to know. */
  readonly processes: readonly ProcessEntry[] | null;
}

interface Child extends Tree {
  leaderLives: boolean;
  /** The stop signal that it was sent while its leader lived. */
  asked: StopSignal | null;
  /** Who has left its group and has been sent that signal too. */
  readonly askedOthers: Set<number>;
  /** No process of the tree is left, and its numbers may belong to somebody else by now. */
  cleared: boolean;
}

/** Between two looks at trees that have lost their leaders, in milliseconds: from the first to the slowest. */
const FIRST_LOOK_MS = 2;
const SLOWEST_LOOK_MS = 250;

/** @param guard is told of every tree while there is something left of it */
export function children(
  tell: (fact: Fact) => void,
  output: RankOutput,
  mark = groupMark(),
  guard: Guardian = UNGUARDED,
  forest: Trees = trees(mark),
): Children {
  const known = new Map<number, Child>();
  const open = new Set<ChildProcess>();
  let delay = FIRST_LOOK_MS;
  let nextLook: NodeJS.Timeout | undefined;

  return { start, signal, kill, present, left, flushed };

  function start(plan: RankPlan): void {
    const { rank } = plan;
    guard.watch(); // before there is anybody whom a kill of this process would leave behind
    let process_: ChildProcess;
    try {
      process_ = launch(plan, `${mark}${rank}`);
    } catch (error) {
      // Node throws some failures of spawn and emits others; a fact comes on a later turn either way.
      setImmediate(() => tell({ type: 'RankStartFailed', rank, error: startError(error as Error, plan) }));
      return;
    }
    process_.once('error', (error) => {
      if (process_.pid === undefined) tell({ type: 'RankStartFailed', rank, error: startError(error, plan) });
    });
    process_.once('spawn', () => adopt(rank, process_));
  }

  function adopt(rank: number, process_: ChildProcess): void {
    const pid = process_.pid ?? NaN;
    const startTime = startTimeOf(pid);
    const child: Child = {
      ...{ rank, leader: pid, mark: `${mark}${rank}` },
      ...{ leaderLives: true, asked: null, askedOthers: new Set(), cleared: false },
    };
    known.set(rank, child);
    forest.adopt(child, startTime);
    guard.hold(pid, startTime);
    open.add(process_);
    process_.once('close', () => open.delete(process_));
    if (process_.stdout) output.connect(rank, 'stdout', process_.stdout);
    if (process_.stderr) output.connect(rank, 'stderr', process_.stderr);

    // 'exit', not 'close': a grandchild that holds the pipe must not delay the news by seconds.
    process_.once('exit', (code, exitSignal) => {
      child.leaderLives = false;
      // Told first: looking for the rest of the tree takes milliseconds, and the other ranks are waiting.
      const { asked } = child;
      tell({ type: 'RankExited', rank, code, signal: exitSignal });
      // A shell around the server leaves without a word to it: what it was asked is asked of its group then.
      if (asked !== null) signal(rank, asked);
      lookSoon();
    });
    tell({ type: 'RankStarted', rank, pid });
  }

  /** Looks on the next turn, after the exits of this one: ranks that leave together share one look. */
  function lookSoon(): void {
    delay = FIRST_LOOK_MS;
    clearTimeout(nextLook);
    nextLook = setTimeout(look, 0);
  }

  /** Tells which trees have gone, and looks again, less and less often, while one is left. */
  function look(): void {
    const table = forest.table();
    const leaderless = there().filter(({ leaderLives }) => !leaderLives);
    for (const child of leaderless) {
      const living = table && forest.living(child, table);
      child.cleared = !treeLives(child.leader, living) && !forest.cgroupOf(child.leader).populated();
      if (!child.cleared) {
        askOthers(child, living ?? []);
        continue;
      }
      forest.release(child.leader);
      guard.release(child.leader);
      tell({ type: 'RankCleared', rank: child.rank });
    }
    if (leaderless.every(({ cleared }) => cleared)) return;
    nextLook = setTimeout(look, delay);
    delay = Math.min(delay * 2, SLOWEST_LOOK_MS);
  }

  /** Whoever has left the group is not reached by a signal to it; a leader that lives asks its own. */
  function askOthers({ leader, asked, askedOthers }: Child, living: readonly ProcessEntry[]): void {
    if (asked === null) return;
    for (const { pid, group } of living) {
      if (group === leader || askedOthers.has(pid)) continue;
      askedOthers.add(pid);
      signalOne(pid, asked);
    }
  }

  function signal(rank: number, name: StopSignal): void {
    const child = known.get(rank);
    if (child === undefined || child.cleared) return;
    child.asked = name;
    signalTree(child.leader, child.leaderLives, name);
    if (!child.leaderLives) lookSoon();
  }

  function kill(rank: number): void {
    const child = known.get(rank);
    if (child === undefined || child.cleared) return;
    forest.cgroupOf(child.leader).kill();
    killTree(child.leader, child.leaderLives, () => {
      const table = forest.table();
      return table && forest.living(child, table);
    });
    if (!child.leaderLives) lookSoon();
  }

  /** Of whom a process is left, as far as is known. */
  function there(): readonly Child[] {
    return [...known.values()].filter(({ cleared }) => !cleared);
  }

  function present(): readonly number[] {
    return there().map(({ rank }) => rank);
  }

  function left(): ReadonlyMap<number, Remains> {
    const table = forest.table();
    const remains = (child: Child): Remains => ({
      group: child.leader,
      processes: table && forest.living(child, table),
    });
    return new Map(there().map((child) => [child.rank, remains(child)]));
  }

  async function flushed(limitMs: number): Promise<void> {
    await output.flushed(limitMs);
    clearTimeout(nextLook);
    for (const process_ of open) process_.unref();
  }
}

/** A session and a group of its own, so that the whole of it can be found and a terminal's Ctrl-C passes it by. */
function launch({ argv, env }: RankPlan, mark: string): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, {
    detached: true,
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, [MARK_NAME]: mark },
  });
}

function startError(error: NodeJS.ErrnoException, { argv: [program = ''] }: RankPlan): string {
  const hint = program.includes(' ') ? ': no shell is involved, each word is an argument of its own' : '';
  if (error.code === 'ENOENT') return `there is no program "${program}"${hint}`;
  if (error.code === 'EACCES') return `"${program}" may not be executed`;
  if (error.code === 'EAGAIN') return `this user may have no more processes (ulimit -u): ${error.message}`;
  if (error.code === 'EMFILE') return `no file descriptor is left (ulimit -n): ${error.message}`;
  return error.message;
}
