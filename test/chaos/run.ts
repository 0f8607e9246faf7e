import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { replay } from '../../streams/replay.ts';
import { letGo, portBlock } from '../free-ports.ts';
import { hasCgroups } from '../cgroups.ts';
import { checkedFile, type Read } from '../journal/schema-check.ts';
import { carriersOf, childrenOf, end, nameOf, read, startTimeIn, stateOf, statOf } from '../proc.ts';
import { type ChaosPlan, chaosPlan, isPeaceful, planInWords } from './plan.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const [RANK, SLEEPER] = ['rank.mjs', 'sleeper.sh'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
/** What a rank does first, in the shell that becomes it. */
const FIRST = {
  fork: `sh '${SLEEPER}' "$born" &`,
  daemonise: `(setsid sh '${SLEEPER}' "$born" >/dev/null 2>&1 &)`,
  'daemonise without a trace': `(setsid env -i /bin/sh '${SLEEPER}' "$born" >/dev/null 2>&1 &)`,
};

/** A group that has not ended by then never will. */
const LONGEST_MS = 15_000;
/**
 * How long whatever carries the mark may take to be gone once the supervisor is: the guardian, and, of a supervisor that
 * was killed, its ranks. It takes milliseconds (see docs/reference/reliability.md); a machine that runs five groups at
 * once on two cores is given more, because what is held is that nobody stays.
 */
const PATIENCE_MS = 5_000;
/** How long an exited process may wait for its parent to notice. */
const LONGEST_ZOMBIE_MS = 3_000;
const LOOK_MS = 50;
const RANKS_LINE = /^\[rank \d+\] line \d+ /gm;
const STATUSES = [0, 3, 4, 5, 6];

/** What a run came to: a broken promise each, none when all were kept. */
export interface ChaosRun {
  readonly plan: ChaosPlan;
  readonly status: number | NodeJS.Signals;
  readonly broken: readonly string[];
  readonly lines: number;
  /** From the supervisor's end until nobody of its group was there any more, as far as one looks: every 50 ms. */
  readonly goneMs: number;
}

/** Puts a real group through what the seed says and holds every promise against it. */
export async function chaosRun(seed: number): Promise<ChaosRun> {
  const plan = chaosPlan(seed);
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const mark = `CHAOS_MARK=${seed}-${process.pid}-${performance.now()}`;
  try {
    const { status, zombies } = await through(plan, folder, mark);
    const endedAt = performance.now();
    const survivors = await survivorsOf(() => held(plan, status, mark, folder));
    const goneMs = performance.now() - endedAt;
    const [stdout = '', stderr = ''] = ['stdout', 'stderr'].map((name) => readFileSync(join(folder, name), 'latin1'));
    // One that was stopped while it was being loaded has started nothing and has nothing to tell.
    const hasBegun = existsSync(join(folder, 'journal.ndjson'));
    const broken = [
      ...survivors.map((name) => `${name} is left`),
      ...zombies.map((name) => `${name} stayed a zombie`),
      ...(hasBegun ? wrongJournal(plan, status, folder) : wrongBefore(status)),
      ...(status === 'SIGKILL' ? [] : [stdout, stderr].flatMap((logs) => lostLines(plan, logs, folder))),
    ];
    return { plan, status, broken, lines: (stdout + stderr).match(RANKS_LINE)?.length ?? 0, goneMs };
  } finally {
    for (const pid of [...carriersOf(mark), ...bornOf(plan, folder)]) end(pid);
    rmSync(folder, { recursive: true });
  }
}

/** A run that broke a promise, and how to have it again. */
export function failureInWords({ plan, status, broken }: ChaosRun): string {
  return `seed ${plan.seed}, status ${status}: ${broken.join('; ')}\n  ${planInWords(plan)}`;
}

async function through(plan: ChaosPlan, folder: string, mark: string) {
  const { first: port, claim } = await portBlock();
  const [stdout, stderr] = ['stdout', 'stderr'].map((name) => openSync(join(folder, name), 'w'));
  const cases = plan.ranks.map(({ manner, first, deeds }, rank) => {
    const words = [manner, ...deeds.map(({ ms, what }) => `${ms}:${what}`)].map((word) => `'${word}'`);
    return `${rank}) set -- ${words.join(' ')}; ${first === null ? '' : FIRST[first]} ;;`;
  });
  const [notes, born] = ['notes-{rank}', 'born-{rank}'].map((name) => join(folder, name));
  const script = `born='${born}'; case {rank} in ${cases.join('\n')} esac; exec "$0" '${RANK}' {port} '${notes}' "$born" "$@"`;
  const [name = '', value = ''] = mark.split('=');
  const child = spawn(
    process.execPath,
    [
      ...[PROGRAM, '--host', '127.0.0.1', '-dp', String(plan.ranks.length), ...plan.options],
      ...['--data-parallel-supervisor-port', String(port), '--port', String(port + 1)],
      ...['--journal', join(folder, 'journal.ndjson')],
      ...['--', 'sh', '-c', script, process.execPath],
    ],
    { stdio: ['ignore', stdout, stderr], env: { ...process.env, [name]: value } },
  );
  for (const fd of [stdout, stderr]) if (fd !== undefined) closeSync(fd);
  const pid = child.pid ?? NaN;
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const timers = [setTimeout(() => end(pid, 'SIGABRT'), LONGEST_MS)]; // shows as a status that is none of ours
  const watch = zombiesOf(pid);
  if (plan.killedAtChild !== null) await killAtChild(pid, plan.killedAtChild);
  else if (!plan.early) await untilStarted(folder, ended);
  for (const { ms, signal } of plan.deeds) timers.push(setTimeout(() => end(pid, signal), ms));
  const status = await ended;
  for (const timer of timers) clearTimeout(timer);
  await letGo(claim);
  return { status, zombies: watch.end() };
}

/** Without a turn of the loop in between: it is a matter of microseconds. */
async function killAtChild(pid: number, count: number): Promise<void> {
  const until = performance.now() + LONGEST_MS;
  while (childrenOf(pid).length < count && performance.now() < until);
  end(pid);
}

/** Or until it has ended without. */
async function untilStarted(folder: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over && !read(join(folder, 'stderr')).includes('are found by')) await delay(LOOK_MS / 5);
}

/** Looks for children that exited and are not taken note of. */
function zombiesOf(parent: number): { end(): readonly string[] } {
  const since = new Map<number, number>();
  const found = new Set<string>();
  const timer = setInterval(() => {
    const zombies = childrenOf(parent).filter((pid) => stateOf(pid) === 'Z');
    for (const pid of since.keys()) if (!zombies.includes(pid)) since.delete(pid);
    for (const pid of zombies) {
      since.set(pid, since.get(pid) ?? performance.now());
      if (performance.now() - (since.get(pid) ?? NaN) > LONGEST_ZOMBIE_MS) found.add(`${nameOf(pid)} (${pid})`);
    }
  }, LOOK_MS);
  return {
    end() {
      clearInterval(timer);
      return [...found];
    },
  };
}

/** Who is left once they had their time to go. */
async function survivorsOf(left: () => readonly number[]): Promise<readonly string[]> {
  const until = performance.now() + PATIENCE_MS;
  while (left().length > 0 && performance.now() < until) await delay(LOOK_MS);
  return left().map((pid) => `${nameOf(pid)} (${pid})`);
}

/**
 * Who may not be left: whoever carries the mark, and whoever a rank has started without one. A supervisor that is killed
 * takes the latter with it only where it has cgroups.
 */
function held(plan: ChaosPlan, status: number | NodeJS.Signals, mark: string, folder: string): readonly number[] {
  return [...carriersOf(mark), ...(status === 'SIGKILL' && !hasCgroups ? [] : bornOf(plan, folder))];
}

/** Whom the ranks have started, as far as they live: a pid with another start time is somebody else's. */
function bornOf({ ranks }: ChaosPlan, folder: string): readonly number[] {
  const lines = ranks.flatMap((_, rank) =>
    read(join(folder, `born-${rank}`))
      .split('\n')
      .filter(Boolean),
  );
  return lines.flatMap((line) => {
    const [pid, startTime] = [Number.parseInt(line), startTimeIn(line)];
    return startTimeIn(statOf(pid)) === startTime && stateOf(pid) !== 'Z' ? [pid] : [];
  });
}

function wrongJournal(plan: ChaosPlan, status: number | NodeJS.Signals, folder: string): readonly string[] {
  let journal;
  try {
    journal = checkedFile(join(folder, 'journal.ndjson'));
  } catch (error) {
    return [`the journal is not what its schema says: ${(error as Error).message}`];
  }
  return [...wrongStatus(plan, status, folder, journal), ...parted(journal)];
}

function wrongStatus(
  plan: ChaosPlan,
  status: number | NodeJS.Signals,
  folder: string,
  { entries }: Read,
): readonly string[] {
  const wasKilled = plan.killedAtChild !== null || plan.deeds.some(({ signal }) => signal === 'SIGKILL');
  if (status === 'SIGKILL') return wasKilled ? [] : ['somebody else killed the supervisor'];
  const told = /exit status (\d+): .*\n$/.exec(readFileSync(join(folder, 'stderr'), 'latin1'))?.[1];
  const exit = entries
    .map((line) => ('command' in line && line.command.type === 'Exit' ? line.command : null))
    .findLast((command) => command !== null);
  return [
    ...(STATUSES.some((known) => known === status) ? [] : [`${status} is no exit status`]),
    ...(Number(told) === status ? [] : [`the last line says status ${told}`]),
    ...(exit?.status === status ? [] : [`the journal says status ${exit?.status}`]),
    ...(plan.ranks.every(isPeaceful) && !hurried(plan) && status !== 0 ? ['nothing was wrong but the status'] : []),
  ];
}

/** Before it has a journal only a signal ends it that comes while Node itself is loaded. */
function wrongBefore(status: number | NodeJS.Signals): readonly string[] {
  return typeof status === 'number' ? [`it left with ${status} before it had begun`] : [];
}

/** Ranks that are obedient are killed all the same when a second signal comes. */
function hurried({ deeds }: ChaosPlan): boolean {
  return deeds.filter(({ signal }) => signal === 'SIGTERM' || signal === 'SIGINT').length > 1;
}

function parted({ header, entries }: Read): readonly string[] {
  const { divergence } = replay(entries, header.policy);
  return divergence === null ? [] : [`the replay parts from the journal: ${JSON.stringify(divergence)}`];
}

/** Every line that a rank has written for certain came out on this output, once and in order. */
function lostLines({ ranks }: ChaosPlan, logs: string, folder: string): readonly string[] {
  return ranks.flatMap((_, rank) => {
    const numbers = [...logs.matchAll(new RegExp(`^\\[rank ${rank}\\] line (\\d+) `, 'gm'))].map((match) =>
      Number(match[1]),
    );
    const written = Number(read(join(folder, `notes-${rank}`)));
    const wrong = numbers.findIndex((number, index) => number !== index);
    if (wrong !== -1) return [`rank ${rank}: line ${numbers[wrong]} came in place of line ${wrong}`];
    return numbers.length >= written ? [] : [`rank ${rank}: ${written} lines were written, ${numbers.length} came`];
  });
}
