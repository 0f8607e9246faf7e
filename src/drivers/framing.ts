import { isUtf8 } from 'node:buffer';

export type LogFormat = 'prefix' | 'json' | 'raw';
export type StreamName = 'stdout' | 'stderr';

/** Makes lines of what a rank writes to one of its streams, and passes them on. */
export interface Framer {
  /** Passes on what of it makes whole lines. */
  chunk(chunk: Buffer): void;
  /** Passes on the line that was never finished, as a line. */
  end(): void;
}

type Pass = (data: Buffer) => void;

/** Bytes. A longer line is passed on in pieces of at most this, each a line: memory is bounded, whatever a rank writes. */
const LONGEST_LINE = 65_536;
/** Bytes of the longest character of UTF-8, less one. */
const MOST_CONTINUATION_BYTES = 3;
const NEWLINE = 10;
const END_OF_LINE = Buffer.of(NEWLINE);
/** Where a line was cut, in `prefix`: at the end of one piece and at the beginning of the next. */
const CUT_END = Buffer.from(' [cut]\n');
const CUT_BEGINNING = Buffer.from('[cut] ');

/** Dresses whole lines: the first of them begins with `head`, goes on in `lines`, and the last one ends there. */
type Dress = (head: Buffer, lines: Buffer, cut: Cut) => Buffer;

/** What of a line that is too long these are. */
interface Cut {
  /** How many pieces of the first line have been passed on before. */
  readonly before: number;
  /** It is a piece by itself, and there is more of it. */
  readonly goesOn: boolean;
}

/** `raw` alone passes everything on as it comes, without an eye for lines. */
export function framer(format: LogFormat, rank: number, name: StreamName, pass: Pass): Framer {
  if (format === 'raw') return { chunk: pass, end: () => undefined };
  return lineFramer(format === 'json' ? jsonLines(rank, name) : prefixLines(rank), pass);
}

/** Cuts at the last newline, keeps the rest for the next chunk, and passes on the whole lines as `dress` makes them. */
function lineFramer(dress: Dress, pass: Pass): Framer {
  // The rest is copied: as a view it would hold on to the whole chunk that it came with.
  const kept = Buffer.allocUnsafe(LONGEST_LINE);
  let length = 0;
  let before = 0;

  return {
    chunk(chunk) {
      // In pieces no longer than a line may be, so that only the first line of each can be too long.
      for (let from = 0; from < chunk.length; from += LONGEST_LINE) take(chunk.subarray(from, from + LONGEST_LINE));
    },
    end() {
      if (length > 0) finish(END_OF_LINE, false);
    },
  };

  function take(chunk: Buffer): void {
    let rest = chunk;
    while (length + firstLine(rest) > LONGEST_LINE) rest = cut(rest);
    const end = rest.lastIndexOf(NEWLINE) + 1;
    if (end > 0) finish(rest.subarray(0, end), false);
    keep(rest.subarray(end));
  }

  /** Passes on as much of a line as may be kept; what is left of `rest` goes on behind it. */
  function cut(rest: Buffer): Buffer {
    const left = rest.subarray(LONGEST_LINE - length);
    keep(rest.subarray(0, LONGEST_LINE - length));
    length = characterStart(kept, left[0] ?? NEWLINE);
    const torn = kept.subarray(length);
    finish(END_OF_LINE, true);
    keep(torn);
    return left;
  }

  function finish(lines: Buffer, goesOn: boolean): void {
    pass(dress(kept.subarray(0, length), lines, { before, goesOn }));
    length = 0;
    before = goesOn ? before + 1 : 0;
  }

  function keep(rest: Buffer): void {
    length += rest.copy(kept, length);
  }
}

function firstLine(lines: Buffer): number {
  const end = lines.indexOf(NEWLINE);
  return end === -1 ? lines.length : end;
}

/** Where to cut in front of the byte `next` without tearing a character of UTF-8; what is no UTF-8 is cut nearby. */
function characterStart(bytes: Buffer, next: number): number {
  let start = bytes.length;
  const first = bytes.length - MOST_CONTINUATION_BYTES;
  for (let byte = next; isContinuation(byte) && start > first; byte = bytes[start] ?? NEWLINE) start -= 1;
  return start;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/**
 * `[rank 3] ` before each line. Latin-1 maps bytes to characters one to one, whatever they mean, which lets
 * the engine's own string replacement do it: twice as fast as any loop over the lines.
 */
function prefixLines(rank: number): Dress {
  const prefix = `[rank ${rank}] `;
  return (head, lines, { before, goesOn }) => {
    const begin = before > 0 ? Buffer.concat([CUT_BEGINNING, head]) : head;
    const rest = goesOn ? CUT_END : lines;
    const body = rest.toString('latin1', 0, rest.length - 1).replaceAll('\n', `\n${prefix}`);
    const dressed = Buffer.allocUnsafe(prefix.length + begin.length + body.length + 1);
    dressed.write(prefix, 'latin1');
    begin.copy(dressed, prefix.length);
    dressed.write(body, prefix.length + begin.length, 'latin1');
    dressed[dressed.length - 1] = NEWLINE;
    return dressed;
  };
}

function jsonLines(rank: number, stream: StreamName): Dress {
  const start = `{"rank":${rank},"stream":"${stream}","line":`;
  return (head, lines, { before, goesOn }) => {
    // Joined as bytes: a character may have come in two halves.
    const whole = head.length === 0 ? lines : Buffer.concat([head, lines]);
    const values = jsonValues(whole.subarray(0, -1));
    if (before > 0 || goesOn) values[0] += `,"part":${before + 1}${goesOn ? ',"cut":true' : ''}`;
    return Buffer.from(values.map((value) => `${start}${value}}\n`).join(''));
  };
}

/** The text of each line; behind what is no UTF-8, its bytes as well. */
function jsonValues(lines: Buffer): string[] {
  if (isUtf8(lines)) {
    const texts = lines.toString('utf8').split('\n');
    return texts.map((text) => JSON.stringify(text));
  }
  const each = lines.toString('latin1').split('\n');
  return each.map((line) => {
    const bytes = Buffer.from(line, 'latin1');
    const text = JSON.stringify(bytes.toString('utf8'));
    return isUtf8(bytes) ? text : `${text},"base64":"${bytes.toString('base64')}"`;
  });
}
