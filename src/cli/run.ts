import { Subject } from 'rxjs';
import type { SupervisorFailed } from '../../streams/facts.ts';
import { type Launch, readGroup } from '../config/group.ts';
import { type JournalSettings, type PortSettings, RUN_OPTIONS, type Settings } from '../config/options.ts';
import { plan } from '../config/plan.ts';
import { faults } from '../drivers/faults.ts';
import { defaultTerminationLog } from '../drivers/termination-log.ts';
import { keepJournal, openJournal } from '../journal/keep.ts';
import { type Group, superviseChecked } from '../supervise.ts';
import { checkPorts } from './check-ports.ts';
import { heldSignals } from './early-signals.ts';
import { refuseMisspelt } from './misspelt.ts';
import { narrate, sayer } from './narrate.ts';
import { screenFor } from './screen.ts';
import type { Asked } from './sources.ts';

/** How long a reader of our output is waited for at the very end that had not read when it was waited for before. */
const STUCK_READER_MS = 500;

/** `dp-supervisor [options] [--] COMMAND`: supervise until the end, and leave with its status. */
export async function runCommand({ sources, command, warnings }: Asked<typeof RUN_OPTIONS>): Promise<never> {
  const { values, launch } = readGroup(RUN_OPTIONS, sources, command, process.env);
  await refuseMisspelt(command, values.env['PATH'] ?? process.env['PATH']);
  return run(values, launch, warnings);
}

/** Supervises in the foreground: the process's signals are the group's, and so is its output. */
export async function run(
  asked: Settings & JournalSettings & PortSettings,
  launch: Launch,
  warnings: readonly string[] = [],
  accompany: (group: Group) => void = () => undefined,
): Promise<never> {
  const settings = { ...asked, terminationLog: asked.terminationLog ?? defaultTerminationLog() };
  const screen = screenFor(settings);
  const say = sayer(settings, screen);
  const groupPlan = plan(settings, launch, warnings);
  await checkPorts(groupPlan, settings.reclaimPorts, say);
  const file = openJournal(settings, say);
  const fault$ = new Subject<SupervisorFailed>();
  faults().subscribe(fault$); // to the very end: whatever breaks, the ranks are stopped in order
  const group = superviseChecked({
    settings,
    groupPlan,
    output: screen,
    signal$: heldSignals(),
    fault$,
    wantsPort: true,
    ownsProcess: true,
  });
  narrate(group, settings, screen, keepJournal(group, file, settings, say));
  accompany(group);
  const { status } = await group.exited;
  // Output that nobody reads would keep the process for ever; the ranks are gone by now, and so is the port.
  const stuck = screen.stdout.writableLength > 0;
  setTimeout(() => process.exit(status), stuck ? STUCK_READER_MS : settings.logFlushTimeout * 1_000).unref();
  await Promise.all([written(process.stdout), written(process.stderr)]);
  // Left to itself, Node lets go of the signals milliseconds before it leaves, and one that came then would be the status.
  process.exit(status);
}

async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
