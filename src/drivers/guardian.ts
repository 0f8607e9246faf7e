import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { MARK_NAME } from './mark.ts';
import { hasProcessTable } from './process-table.ts';

/** Ends what is held when this process is gone, however it went. */
export interface Guardian {
  /** Starts the guardian, the first time: nobody who carries the mark and is started after that outlives this process. */
  watch(): void;
  /** Holds a tree from now on. */
  hold(leader: number, startTime: number | null): void;
  /** The tree has gone, and its number may be somebody else's from now on. */
  release(leader: number): void;
  /** Resolves when the guardian has left. What is held still is ended by it, with whoever carries the mark. */
  dismissed(): Promise<void>;
}

/** By what the processes of a group are told, beside what is held. */
export interface Guarded {
  /** What the environment of all that the ranks start begins the value of its mark with. */
  readonly mark: string;
  /** The folder of the cgroup in which they are; null where there is none. */
  readonly cgroup: string | null;
}

/** As PID 1 no guardian is needed: the kernel ends all of a namespace with its first process. */
export const UNGUARDED: Guardian = {
  watch: () => undefined,
  hold: () => undefined,
  release: () => undefined,
  dismissed: () => Promise.resolve(),
};

/** So many are started one after another, should somebody end them. */
const MOST_GUARDIANS = 4;

/** How long a guardian that does not leave is waited for, in milliseconds. */
const LEAVE_MS = 1_000;

/**
 * A shell of a third of a megabyte that reads from a pipe. The kernel closes the pipe when this process is gone, also by
 * SIGKILL, and a process in a session of its own is there to notice.
 *
 * @param warn told when there is no guardian, or no longer
 */
export function guardian(guarded: Guarded, warn: (message: string) => void): Guardian {
  const held = new Map<number, number | null>();
  /** Null when it could not be started. */
  let shell: ChildProcess | null | undefined;
  let started = 0;
  let dismissing = false;

  return {
    watch,
    hold(leader, startTime) {
      watch();
      held.set(leader, startTime);
      tellOf(leader, startTime);
    },
    release(leader) {
      if (held.delete(leader)) write(`release ${leader}\n`);
    },
    async dismissed() {
      dismissing = true;
      if (shell?.pid === undefined || shell.exitCode !== null || shell.signalCode !== null) return;
      shell.ref();
      const left = once(shell, 'exit');
      if (held.size === 0) write('leave\n');
      shell.stdin?.end();
      const limit = new AbortController();
      const late = setTimeout(LEAVE_MS, undefined, { ref: false, signal: limit.signal }).catch(() => undefined);
      await Promise.race([left, late]);
      limit.abort();
    },
  };

  function watch(): void {
    if (shell === undefined) shell = start();
  }

  function start(): ChildProcess | null {
    started += 1;
    const failed = (error: Error) => missed(`no guardian could be started: ${error.message}`);
    let child: ChildProcess;
    try {
      child = launch(guarded);
    } catch (error) {
      failed(error as Error); // Node throws some failures of spawn and emits others
      return null;
    }
    child.once('error', failed);
    child.once('exit', (code, signal) => replace(`the guardian has left (${signal ?? code})`));
    child.stdin?.on('error', () => undefined);
    (child.stdin as Socket | null)?.unref();
    child.unref();
    return child;
  }

  function replace(why: string): void {
    if (dismissing) return;
    if (started === MOST_GUARDIANS) return missed(why);
    warn(`${why}; another takes its place`);
    shell = start();
    for (const [leader, startTime] of held) tellOf(leader, startTime);
  }

  function missed(why: string): void {
    if (!dismissing) warn(`nobody ends the ranks if this process is killed: ${why}`);
  }

  function tellOf(leader: number, startTime: number | null): void {
    write(`hold ${leader} ${startTime ?? '-'}\n`);
  }

  function write(line: string): void {
    if (shell?.stdin?.writable) shell.stdin.write(line);
  }
}

/** A session of its own, so that Ctrl-C passes it by; no directory and no secret of ours is held by it. */
function launch({ mark, cgroup }: Guarded): ChildProcess {
  const searched = hasProcessTable ? `${MARK_NAME}=${mark}` : '';
  return spawn('/bin/sh', ['-c', SCRIPT, 'dp-supervisor-guardian', searched, cgroup ?? ''], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

/**
 * Holds words `PID:START`, and at the end of its input ends who is in the group's cgroup, all at once, and each of those
 * process groups, but none whose leader has another start time: that number is somebody else's by now. While a process group
 * has members its number is given to nobody, so one without a leader is still ours. Then it ends, until none are left, all
 * that carry the mark, and the process groups that they lead: they have left their rank's, or were started in the instant
 * before they were told of. It looks again a little later, because a process has its mark only when its program has been
 * loaded, and removes the cgroup. Told to leave, it leaves at once.
 *
 * `kill -9 -PID` is what dash, bash and BusyBox all understand. $1 is the mark, empty where none can be looked for; $2 the
 * folder of the cgroup, empty where there is none.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM PIPE TSTP
held=
while read -r verb pid start; do
  [ "$verb" = leave ] && exit 0
  rest=
  for one in $held; do [ "\${one%%:*}" = "$pid" ] || rest="$rest $one"; done
  held=$rest
  [ "$verb" = hold ] && held="$held $pid:$start"
done
same() {
  stat=$(while read -r line; do printf '%s ' "$line"; done <"/proc/$1/stat")
  [ -n "$stat" ] || return 0
  set -- "$2" \${stat##*) }
  [ "$1" = - ] || [ "$1" = "\${21}" ]
}
end_marked() {
  for round in 1 2 3 4 5 6 7 8 9 10; do
    strays=
    for file in $(grep -lF "$1" /proc/[0-9]*/environ); do
      pid=\${file#/proc/}
      strays="$strays \${pid%/environ}"
    done
    [ -n "$strays" ] || return 0
    for pid in $strays; do kill -9 "-$pid"; done
    kill -9 $strays
  done
}
remove() {
  for inner in "$1"/*/; do [ -d "$inner" ] && remove "\${inner%/}"; done
  rmdir "$1"
}
[ -n "$2" ] && echo 1 >"$2/cgroup.kill"
for one in $held; do same "\${one%%:*}" "\${one#*:}" && kill -9 "-\${one%%:*}"; done
[ -n "$1" ] && end_marked "$1"
sleep 0.2 || sleep 1
[ -n "$1" ] && end_marked "$1"
[ -n "$2" ] && remove "$2"
`;
