import { debuglog } from 'node:util';
import { combineLatest, distinctUntilChanged, filter, interval, merge, takeUntil } from 'rxjs';
import type { Exit } from '../../streams/commands.ts';
import type { Settings } from '../config/options.ts';
import { cutLine, failedRank, lastLinesInWords } from '../render/last-lines.ts';
import {
  allReadyInWords,
  causeInWords,
  exitInOneLine,
  inSeconds,
  ranksInWords,
  readinessInWords,
} from '../render/words.ts';
import type { Group } from '../supervise.ts';
import type { Screen } from './screen.ts';

/** Between two lines about a group that is still starting, and between two looks at the live line's clock. */
const PROGRESS_MS = 10_000;
const LIVE_MS = 1_000;

/**
 * Tells on standard error how the group fares: where it listens, how far it has come, why it ends.
 *
 * @param addToLastLine what there is to say behind how it ended
 */
export function narrate(
  group: Group,
  settings: Settings,
  screen: Screen,
  addToLastLine: (exit: Exit) => string = () => '',
): void {
  const { ranks, engine, devices, notes, warnings } = group.plan;
  const say = sayer(settings, screen);
  if (engine !== 'generic') say(`engine ${engine}; devices: ${devices}${notes.map((note) => `; ${note}`).join('')}`);
  for (const warning of warnings) say(`warning: ${warning}`);
  group.notice$.subscribe(say);
  void group.listening.then((port) => {
    const scheme = settings.sslKeyfile === undefined ? '' : ' (https)';
    if (port !== null) say(`listening on ${settings.host} port ${port}${scheme}; ${portsInWords(ranks)}`);
  });

  const startedAt = performance.now();
  const ready$ = group.readiness$.pipe(filter(Boolean));
  const started$ = merge(ready$, group.shutdown$);
  const { live } = screen;
  const progress$ = combineLatest([group.state$, interval(live === null ? PROGRESS_MS : LIVE_MS)]).pipe(
    takeUntil(started$),
  );
  if (live === null) {
    // The state changes with every answer of a probe; only the clock makes a line of it.
    progress$.pipe(distinctUntilChanged((a, b) => a[1] === b[1])).subscribe(([state]) => say(readinessInWords(state)));
  } else {
    progress$.subscribe({
      next: ([state, seconds]) => live.show(`dp-supervisor: ${readinessInWords(state)} (${seconds + 1} s)`),
      complete: () => live.clear(),
    });
  }

  ready$.subscribe(() => say(`${allReadyInWords(ranks.length)} after ${inSeconds(performance.now() - startedAt)}`));
  let unready = '';
  group.state$.pipe(takeUntil(group.shutdown$)).subscribe((state) => (unready = readinessInWords(state)));
  group.shutdown$.subscribe((cause) => {
    if (cause.kind === 'startup-timeout') say(unready);
    say(`stopping: ${causeInWords(cause)}`);
  });
  tellFaults(group, say);
  let why = 'did not leave in time';
  group.state$.subscribe(({ secondSignal }) => {
    if (secondSignal !== undefined) why = `gets no more time: ${secondSignal} was a second signal`;
  });
  group.command$.subscribe((command) => {
    if (command.type === 'KillRank') say(`${ranksInWords([command.rank])} ${why}; killing it`);
  });
  void group.exited.then((exit) => {
    // Read together, so that what matters is what one sees last.
    const rank = failedRank(exit.cause);
    if (rank !== null) tellLastLines(rank, group.lastLines(rank));
    say(`${exitInOneLine(exit)}${addToLastLine(exit)}`);
  });

  function tellLastLines(rank: number, lines: readonly string[]): void {
    if (lines.length === 0) return;
    say(`${lastLinesInWords(rank, lines)}:`);
    const texts = lines.map(cutLine);
    const dressed =
      settings.logFormat === 'json'
        ? texts.map((lastLine) => JSON.stringify({ source: SOURCE, rank, lastLine }))
        : texts.map((text) => `${SOURCE}:   rank ${rank} | ${text}`);
    screen.stderr.write(dressed.map((line) => `${line}\n`).join(''));
  }
}

/** The first fault is told as the cause; where it was thrown, whoever mends it sees with NODE_DEBUG=dp-supervisor. */
function tellFaults({ fact$, shutdown$ }: Group, say: (message: string) => void): void {
  const debug = debuglog('dp-supervisor');
  let stopping = false;
  fact$.pipe(filter((fact) => fact.type === 'SupervisorFailed')).subscribe(({ error, stack }) => {
    if (stopping) say(`another fault of dp-supervisor's own, while it stops: ${error}`);
    debug('%s', stack || error);
  });
  shutdown$.subscribe(() => (stopping = true));
}

/** Whose the lines are that are not a rank's. */
const SOURCE = 'dp-supervisor';

/** One line of the supervisor's own, in the format of the ranks' output. */
export function sayer({ logFormat }: Settings, { stderr }: Screen): (message: string) => void {
  return (message) =>
    void stderr.write(
      logFormat === 'json' ? `${JSON.stringify({ source: SOURCE, message })}\n` : `${SOURCE}: ${message}\n`,
    );
}

function portsInWords(ranks: Group['plan']['ranks']): string {
  const ports = ranks.map(({ port }) => port);
  return ports.length === 1
    ? `1 rank on port ${ports[0]}`
    : `${ports.length} ranks on ports ${ports[0]}-${ports.at(-1)}`;
}
