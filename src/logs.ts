import type { Observable } from 'rxjs';
import type { Exit } from '../streams/commands.ts';
import type { Cause } from '../streams/shutdown.ts';
import type { Settings } from './config/options.ts';
import type { GroupPlan } from './config/plan.ts';
import { lastLines } from './drivers/last-lines.ts';
import { logFiles } from './drivers/log-files.ts';
import { type RankOutput, rankOutput, type Sinks } from './drivers/output.ts';
import { terminationLog } from './drivers/termination-log.ts';
import { failedRank, terminationMessage } from './render/last-lines.ts';
import { causeInWords, exitInOneLine } from './render/words.ts';

/** What becomes of what the ranks of a group write. */
export interface GroupLogs {
  readonly output: RankOutput;
  lastLines(rank: number): readonly string[];
  /** Writes the termination message. */
  leaveLastWords(exit: Exit): void;
}

interface Surroundings {
  readonly sinks: Sinks | null;
  readonly shutdown$: Observable<Cause>;
  /** Takes the secrets out of a text. */
  mask(text: string): string;
  warn(problem: string): void;
}

const BYTES_PER_MB = 1_000_000;

/** @throws DpsError `DPS_LOG_DIR` */
export function groupLogs(
  { logFormat, logDir, logMaxMb, logMaxFiles, terminationLog: path }: Settings,
  { ranks }: GroupPlan,
  { sinks, shutdown$, mask, warn }: Surroundings,
): GroupLogs {
  const newest = lastLines();
  const write = terminationLog(path, warn);
  let over = false;
  const file =
    logDir === undefined
      ? {}
      : {
          file: logFiles(
            { directory: logDir, maxBytes: logMaxMb === 0 ? null : logMaxMb * BYTES_PER_MB, maxFiles: logMaxFiles },
            ranks.map(({ rank }) => rank),
            warn,
          ),
        };

  shutdown$.subscribe((cause) => {
    const rank = failedRank(cause);
    // A rank that lives goes on to write about its end, which is not what it failed of. One that has left may still
    // have its reasons on the way.
    if (rank !== null && cause.kind !== 'exited') newest.hold(rank);
    // In case that this process is killed before it can say more; later, since the other ranks are waiting for a signal.
    if (write !== null) setImmediate(() => over || leave(`stopping: ${causeInWords(cause)}`, cause));
  });

  return {
    output: rankOutput(logFormat, sinks, { saw: newest.saw, ...file }),
    lastLines: newest.of,
    leaveLastWords(exit) {
      over = true;
      leave(exitInOneLine(exit), exit.cause);
    },
  };

  function leave(verdict: string, cause: Cause): void {
    if (write === null) return;
    const rank = failedRank(cause);
    const lines = rank === null ? [] : newest.of(rank);
    // Masked before anything is cut: half a secret is not known as one.
    const masked = lines.length === 0 ? [] : mask(lines.join('\n')).split('\n');
    write(terminationMessage(mask(verdict), rank, masked));
  }
}
