import { closeSync, fstatSync, ftruncateSync } from 'node:fs';
import type { JournalEntry, JournalGap, JournalLine } from '../../streams/journal.ts';
import { openFresh, type OpenJournal, type Shares, sharesOf, shorten, writeAll } from './bounded.ts';
import { MODE, openForJournal, startAfresh } from './open.ts';

/** A journal on disk. Nothing that happens to the disk is ever thrown at who writes. */
export interface JournalFile {
  readonly path: string;
  /** Whether nothing has failed so far. */
  whole(): boolean;
  /** Facts wait for the next command, which is written before this returns. */
  take(line: JournalLine): void;
  /** Writes what waits. */
  flush(): void;
  close(): void;
}

/** Facts wait for a command, but not more than this. */
const MOST_WAITING_BYTES = 65_536;
/** After a failure, this long on the journal's own clock goes by before it is tried again. */
const RETRY_MS = 10_000;

/**
 * Opens a journal. Writing is synchronous: what has been taken up to a command survives whatever becomes of this
 * process, and the order of the file is the order of things.
 *
 * @param maxBytes of the file; Infinity for no bound
 * @param tell is told, once, that something cannot be written, and why
 * @throws DpsError `DPS_JOURNAL_FILE`
 */
export function journalFile(path: string, maxBytes: number, tell: (problem: string) => void): JournalFile {
  let opened = openForJournal(path);
  let open: OpenJournal | null = { fd: opened.fd, beginningEnd: null };
  let shares: Shares | null = null;
  let header = '';
  let hasHeader = false;
  let waiting: string[] = [];
  let waitingBytes = 0;
  /** `seq` of the newest entry that was taken, and of the newest that is in the file, or in a gap there. */
  let [taken, written] = [0, 0];
  let now = 0;
  let retryAt = -Infinity;
  let failed = false;
  let closed = false;

  return { path, whole: () => !failed, take, flush, close };

  function take(line: JournalLine): void {
    if ('header' in line) begin(`${JSON.stringify(line)}\n`);
    else if ('gap' in line) taken = line.gap.to;
    else add(line);
  }

  function begin(text: string): void {
    header = text;
    attempt(() => {
      shares = sharesOf(maxBytes, Buffer.byteLength(header));
      if (shares === null) throw new Error(`the header alone takes ${header.length} of ${maxBytes} bytes`);
      opened = startAfresh(opened);
      open = { fd: opened.fd, beginningEnd: null };
      put([]);
    });
  }

  function add(entry: JournalEntry): void {
    const text = `${JSON.stringify(entry)}\n`;
    waiting.push(text);
    waitingBytes += text.length;
    taken = entry.seq;
    now = entry.t;
    if ('command' in entry || waitingBytes > MOST_WAITING_BYTES) write();
  }

  function flush(): void {
    retryAt = -Infinity;
    write();
  }

  function close(): void {
    if (!closed) flush();
    closed = true;
    if (open !== null) closeSync(open.fd);
    open = null;
  }

  function write(): void {
    const lines = waiting;
    waiting = [];
    waitingBytes = 0;
    // What is not written in its time becomes part of a gap.
    if (closed || shares === null || taken === written || now < retryAt) return;
    attempt(() => put(lines));
  }

  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      retryAt = now + RETRY_MS;
      if (!failed) tell((error as Error).message);
      failed = true;
    }
  }

  /** Writes all that is missing before `lines` as a gap, and `lines`: all of it or nothing. */
  function put(lines: readonly string[]): void {
    open = present();
    const gap: JournalGap = { gap: { from: written + 1, to: taken - lines.length } };
    const missing = gap.gap.to > written ? `${JSON.stringify(gap)}\n` : '';
    const bytes = Buffer.from(`${hasHeader ? '' : header}${missing}${lines.join('')}`);
    open = withRoom(open, bytes.length);
    const { size } = fstatSync(open.fd);
    try {
      writeAll(open.fd, bytes);
    } catch (error) {
      if (fstatSync(open.fd).isFile()) ftruncateSync(open.fd, size); // a full disk takes half a line
      throw error;
    }
    hasHeader = true;
    written = taken;
  }

  /** The open file, or a new one when somebody has removed it: that one lacks all that had been written. */
  function present(): OpenJournal {
    if (open !== null && fstatSync(open.fd).nlink > 0) return open;
    if (open !== null) closeSync(open.fd);
    open = null;
    hasHeader = false;
    written = 0;
    return { fd: openFresh(opened.path, MODE), beginningEnd: null };
  }

  function withRoom(file: OpenJournal, bytes: number): OpenJournal {
    const { beginning, newest, file: limit } = shares ?? { beginning: 0, newest: 0, file: 0 };
    const { size } = fstatSync(file.fd);
    if (size + bytes <= limit) return file;
    if (size <= beginning + newest || bytes > newest)
      throw new Error(`${bytes} bytes at once are too much for its bound`);
    return shorten(opened.path, file, { beginning, newest, file: limit });
  }
}
