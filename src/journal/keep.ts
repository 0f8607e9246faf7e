import { tmpdir } from 'node:os';
import type { Exit } from '../../streams/commands.ts';
import type { JournalSettings } from '../config/options.ts';
import type { Group } from '../supervise.ts';
import { leaveJournal } from './dump.ts';
import { type JournalFile, journalFile } from './write.ts';

type Say = (message: string) => void;

const BYTES_PER_MB = 1_000_000;
const NOWHERE = 'none';
/** How many files one process leaves in a directory. However often it was asked, there is one more for a failure. */
const MOST_ON_REQUEST = 99;
const MOST_IN_ALL = MOST_ON_REQUEST + 1;

/**
 * Opens the file of `--journal`, before anything is started.
 *
 * @throws DpsError `DPS_JOURNAL_FILE`
 */
export function openJournal({ journal, journalMaxMb }: JournalSettings, say: Say): JournalFile | null {
  if (journal === undefined) return null;
  const maxBytes = journalMaxMb === 0 ? Infinity : journalMaxMb * BYTES_PER_MB;
  return journalFile(journal, maxBytes, (problem) =>
    say(`cannot write the journal ${journal}: ${problem}; supervision goes on, and what is missing will be marked`),
  );
}

/**
 * Keeps the group's journal for as long as this process lives: in the file, and on SIGUSR2 and after a failure in
 * one more. For the program only: it listens to the process's signals.
 *
 * @returns what the last line has to add about where the journal is
 */
export function keepJournal(
  { journal$, exited }: Pick<Group, 'journal$' | 'exited'>,
  file: JournalFile | null,
  { journalOnFailure }: JournalSettings,
  say: Say,
): (exit: Exit) => string {
  const directory = journalOnFailure ?? tmpdir();
  if (file !== null) journal$.subscribe({ next: (line) => file.take(line), complete: () => file.close() });

  process.on('SIGUSR2', onRequest);
  process.on('exit', onExit);
  void exited.then(() => process.off('SIGUSR2', onRequest));
  return ({ status }) => (status === 0 ? '' : afterFailure());

  function afterFailure(): string {
    const path = file?.whole() ? file.path : directory === NOWHERE ? null : left(MOST_IN_ALL);
    return path === null ? '' : `; the journal is ${path}`;
  }

  function onRequest(): void {
    const path = directory === NOWHERE ? null : left(MOST_ON_REQUEST);
    if (path !== null) say(`the journal so far is ${path}`);
    else if (directory === NOWHERE) say('--journal-on-failure is none: the journal is not written anywhere');
  }

  function onExit(): void {
    file?.close();
  }

  function left(most: number): string | null {
    try {
      return leaveJournal(journal$, directory, most);
    } catch (error) {
      say(`cannot leave the journal in ${directory}: ${(error as Error).message}`);
      return null;
    }
  }
}
