import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';

/** One line at the bottom of a terminal that changes in place, while other output scrolls by above it. */
export interface LiveLine {
  /** Shows this text in place of what was shown before, cut to the terminal's width. */
  show(text: string): void;
  /** Takes the line away. */
  clear(): void;
  /** A way to write to the same terminal, in whole lines, without running into the live one. */
  above(sink: Writable): Writable;
}

const ERASE = '\r\u001b[K';

export function liveLine(terminal: WriteStream): LiveLine {
  let shown = '';

  return { show, clear, above };

  function show(text: string): void {
    shown = text;
    terminal.write(`${ERASE}${shown.slice(0, Math.max(0, terminal.columns - 1))}`);
  }

  function clear(): void {
    if (shown !== '') terminal.write(ERASE);
    shown = '';
  }

  function above(sink: Writable): Writable {
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (shown === '') return void sink.write(chunk, done);
        terminal.write(ERASE);
        sink.write(chunk, done);
        show(shown);
      },
    });
  }
}
