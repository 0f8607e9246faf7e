import { concat, defer, from, map, merge, type Observable, Subject } from 'rxjs';
import type { Command } from '../../streams/commands.ts';
import type { Fact } from '../../streams/facts.ts';
import { type JournalEntry, type JournalHeader, type JournalLine, JOURNAL_VERSION } from '../../streams/journal.ts';
import type { LiveCourse } from '../live-course.ts';
import { ring } from './ring.ts';

/** The record of a live course. */
export interface Journal {
  /**
   * The header, what is still in memory, and then every fact and every command as it happens. Whoever
   * subscribes before the course begins misses nothing; to others a gap says what they missed. Completes when
   * the group is gone.
   */
  readonly journal$: Observable<JournalLine>;
  /** The header and what is still in memory, each a line without its end. */
  lines(): readonly string[];
}

/**
 * Keeps the record, with secrets masked. It subscribes at once, so that it has a command before that is
 * performed.
 *
 * @param header asked for once somebody wants to see it
 * @param mask takes the secrets out of a text
 */
export function journalOf(
  course: Pick<LiveCourse, 'fact$' | 'command$' | 'now'>,
  header: () => JournalHeader,
  mask: (text: string) => string,
): Journal {
  const memory = ring();
  const entry$ = new Subject<JournalEntry>();
  let seq = 0;
  merge(
    course.fact$.pipe(map((fact) => ({ fact: withoutSecrets(fact, mask) }))),
    course.command$.pipe(map((command) => ({ command: withoutSecrets(command, mask) }))),
  )
    .pipe(map((what): JournalEntry => ({ seq: ++seq, t: course.now(), ...what })))
    .subscribe({
      next: (entry) => {
        memory.push(entry);
        entry$.next(entry);
      },
      complete: () => entry$.complete(),
    });

  return {
    journal$: defer(() => concat(from(lines()).pipe(map((line) => JSON.parse(line) as JournalLine)), entry$)),
    lines,
  };

  function lines(): readonly string[] {
    return [JSON.stringify({ v: JOURNAL_VERSION, header: header() }), ...memory.lines()];
  }
}

/** Which facts and commands quote somebody, and where. All else in them is numbers, and words of our own. */
const QUOTING = new Set<(Fact | Command)['type']>([
  'RankStartFailed',
  'ListenerFailed',
  'SupervisorFailed',
  'StopRequested',
  'ProbeFailed',
  'Exit',
]);
const QUOTES = new Set(['error', 'reason', 'last', 'stack']);

function withoutSecrets<T extends Fact | Command>(value: T, mask: (text: string) => string): T {
  if (!QUOTING.has(value.type)) return value;
  return JSON.parse(JSON.stringify(value), (key, field: unknown) =>
    QUOTES.has(key) && typeof field === 'string' ? mask(field) : field,
  ) as T;
}
