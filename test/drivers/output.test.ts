import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { LogFormat } from '../../src/drivers/framing.ts';
import { rankOutput } from '../../src/drivers/output.ts';
import { end, stateOf } from '../processes.ts';

const LONGEST_LINE = 65_536;

/** A sink that keeps each write, and answers none of them while it is stalled. */
class Sink extends Writable {
  readonly writes: Buffer[] = [];
  private stalled = false;
  private answer: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk);
    if (this.stalled) this.answer = done;
    else done();
  }

  stall(): void {
    this.stalled = true;
  }

  goOn(): void {
    this.stalled = false;
    this.answer?.();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }

  get text(): string {
    return this.bytes.toString();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

const children: ChildProcess[] = [];

afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

function shell(script: string, stdin: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script], { stdio: [stdin, 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

function stdoutOf(child: ChildProcess): Readable {
  return child.stdout ?? expect.unreachable();
}

/** Unlike `once`, it takes an error before the end for what it is here: part of the test. */
function closed(stream: Readable | Writable): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

/** Writes, and waits until it has been read. */
async function write(source: PassThrough, text: string): Promise<void> {
  const read = once(source, 'data');
  source.write(text);
  await read;
}

/** Everything that comes out when rank 3 writes these pieces and closes its output. */
async function passedOn(format: LogFormat, pieces: readonly (string | Buffer)[]): Promise<Sink> {
  const sink = new Sink();
  const output = rankOutput(format, { stdout: sink, stderr: sink });
  const source = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  output.connect(3, 'stdout', source);
  await once(source, 'close');
  await output.drained();
  return sink;
}

/** The pieces between random cuts. */
function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('each format', () => {
  it('prefix puts the rank before each line, empty ones too', async () => {
    expect((await passedOn('prefix', ['one\n\ntwo\n'])).text).toBe('[rank 3] one\n[rank 3] \n[rank 3] two\n');
  });

  it('prefix leaves the bytes of a line as they are, whatever they mean', async () => {
    const line = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10));

    const { bytes } = await passedOn('prefix', [line, '\n']);

    expect(bytes).toEqual(Buffer.concat([Buffer.from('[rank 3] '), line, Buffer.from('\n')]));
  });

  it('json makes one object of each line, with its rank and stream', async () => {
    const lines = ['say "hi"', 'a\\nb\t\u0001', '', '{"nested":true}', 'é 漢 😀'];

    const sink = await passedOn('json', [`${lines.join('\n')}\n`]);

    const expected = lines.map((line) => ({ rank: 3, stream: 'stdout', line }));
    expect(sink.lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected);
  });

  it('json has the bytes of a line that is no UTF-8 beside its text, and of no other', async () => {
    const half = Buffer.from('caf\xe9 \xf0\x9f\n', 'latin1');

    const sink = await passedOn('json', ['before\n', half, 'after\n']);

    const [before, broken, after] = sink.lines.map((line) => JSON.parse(line) as { line: string; base64?: string });
    expect(broken).toMatchObject({ rank: 3, stream: 'stdout', line: 'caf\ufffd \ufffd' });
    expect(Buffer.from(broken?.base64 ?? '', 'base64')).toEqual(half.subarray(0, -1));
    expect([before, after]).toEqual([
      { rank: 3, stream: 'stdout', line: 'before' },
      { rank: 3, stream: 'stdout', line: 'after' },
    ]);
  });

  it('raw leaves every byte as it is', async () => {
    const bytes = Buffer.from(Array.from({ length: 1_024 }, (_, index) => index % 256));

    expect((await passedOn('raw', piecesOf(bytes, [100, 500, 501]))).bytes).toEqual(bytes);
  });

  it('raw passes everything on as it comes, an unfinished line as well', async () => {
    const { writes } = await passedOn('raw', ['half a li', 'ne\nand mo', 're']);

    expect(writes.map(String)).toEqual(['half a li', 'ne\nand mo', 're']);
  });

  it('prefix and json finish a last line that its writer did not finish', async () => {
    expect((await passedOn('prefix', ['one\ntw', 'o'])).text).toBe('[rank 3] one\n[rank 3] two\n');
    expect((await passedOn('json', ['tw', 'o'])).text).toBe('{"rank":3,"stream":"stdout","line":"two"}\n');
  });

  it('an unfinished line is passed on also when reading fails', async () => {
    const sink = new Sink();
    const source = new PassThrough();
    rankOutput('prefix', { stdout: sink, stderr: sink }).connect(0, 'stdout', source);

    await write(source, 'last wor');
    source.destroy(new Error('EIO'));
    await closed(source);

    expect(sink.text).toBe('[rank 0] last wor\n');
  });
});

describe('chunks', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('\n', '\n\n', '\r\n', 'é', '漢字', '😀', '$&', '"', '\\'));
  const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(''));
  const cuts = fc.array(fc.nat(), { maxLength: 20 });
  const linesOf = (whole: string) => (whole === '' ? [] : whole.replace(/\n$/, '').split('\n'));

  it('prefix gives the same lines wherever the text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(text, cuts, async (whole, at) => {
        const sink = await passedOn('prefix', piecesOf(Buffer.from(whole), at));
        expect(sink.lines).toEqual(linesOf(whole).map((line) => `[rank 3] ${line}`));
        expect(sink.writes.every((write) => write.at(-1) === 10)).toBe(true);
      }),
    );
  });

  it('json gives the same lines wherever the text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(text, cuts, async (whole, at) => {
        const sink = await passedOn('json', piecesOf(Buffer.from(whole), at));
        expect(sink.lines.map((line) => (JSON.parse(line) as { line: string }).line)).toEqual(linesOf(whole));
        expect(sink.writes.every((write) => write.at(-1) === 10)).toBe(true);
      }),
    );
  });

  it('a character that comes in halves is one character again', async () => {
    const bytes = Buffer.from('é漢😀\n');
    const single = Array.from(bytes, (byte) => Buffer.of(byte));

    expect((await passedOn('json', single)).text).toBe('{"rank":3,"stream":"stdout","line":"é漢😀"}\n');
    expect((await passedOn('prefix', single)).text).toBe('[rank 3] é漢😀\n');
  });

  it('a line is passed on as soon as it is whole, and its successor stays until it is', async () => {
    const sink = new Sink();
    const source = new PassThrough();
    rankOutput('prefix', { stdout: sink, stderr: sink }).connect(0, 'stdout', source);

    await write(source, 'one\ntwo\nthr');
    expect(sink.text).toBe('[rank 0] one\n[rank 0] two\n');

    await write(source, 'ee\n');
    expect(sink.text).toBe('[rank 0] one\n[rank 0] two\n[rank 0] three\n');
  });

  it('lines of two ranks never share a line, however their halves alternate', async () => {
    const sink = new Sink();
    const output = rankOutput('prefix', { stdout: sink, stderr: sink });
    const sources = [new PassThrough(), new PassThrough()];
    sources.forEach((source, rank) => output.connect(rank, 'stdout', source));

    for (const half of ['first ', 'half\nsecond ', 'half\n']) {
      for (const source of sources) {
        await write(source, half);
      }
    }

    const of = (rank: number) => [`[rank ${rank}] first half`, `[rank ${rank}] second half`];
    expect([...sink.lines].sort()).toEqual([...of(0), ...of(1)]);
  });

  it('what a rank writes to stderr goes to the sink for stderr', async () => {
    const sinks = { stdout: new Sink(), stderr: new Sink() };
    const source = Readable.from([Buffer.from('oops\n')]);
    rankOutput('json', sinks).connect(1, 'stderr', source);
    await once(source, 'close');

    expect(sinks.stdout.text).toBe('');
    expect(sinks.stderr.text).toBe('{"rank":1,"stream":"stderr","line":"oops"}\n');
  });
});

describe('a line over 64 KiB', () => {
  const MARK = ' [cut]';
  const contents = (sink: Sink) => {
    const lines = sink.bytes.toString('latin1').split('\n').slice(0, -1);
    return lines.map((line) => line.slice('[rank 3] '.length));
  };
  /** The pieces without the marks at which they are put together again. */
  const pieces = (sink: Sink) =>
    contents(sink).map((line, index, all) => {
      const before = index > 0 && (all[index - 1] ?? '').endsWith(MARK);
      return line.slice(before ? '[cut] '.length : 0, line.endsWith(MARK) ? -MARK.length : undefined);
    });

  it('is passed on in pieces, each a line with a mark where it was cut, and goes on with the next line', async () => {
    const sink = await passedOn('prefix', [`${'x'.repeat(2 * LONGEST_LINE + 5)}\nnext\n`]);

    const full = 'x'.repeat(LONGEST_LINE);
    expect(contents(sink)).toEqual([`${full} [cut]`, `[cut] ${full} [cut]`, '[cut] xxxxx', 'next']);
  });

  it('json numbers the pieces, and says which are not the last', async () => {
    const sink = await passedOn('json', [`${'x'.repeat(2 * LONGEST_LINE + 5)}\nnext\n`]);

    const piece = { rank: 3, stream: 'stdout', line: 'x'.repeat(LONGEST_LINE) };
    expect(sink.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...piece, part: 1, cut: true },
      { ...piece, part: 2, cut: true },
      { ...piece, line: 'xxxxx', part: 3 },
      { ...piece, line: 'next' },
    ]);
  });

  it('that is never finished ends with a piece that is not marked as going on', async () => {
    const sink = await passedOn('prefix', ['x'.repeat(LONGEST_LINE + 1)]);

    expect(contents(sink)).toEqual([`${'x'.repeat(LONGEST_LINE)} [cut]`, '[cut] x']);
  });

  it('is whole when it is no longer than that', async () => {
    const sink = await passedOn('prefix', [`${'x'.repeat(LONGEST_LINE)}\n`, `${'y'.repeat(LONGEST_LINE)}\n`]);

    expect(contents(sink)).toEqual(['x'.repeat(LONGEST_LINE), 'y'.repeat(LONGEST_LINE)]);
  });

  it('is cut at the same places however it comes', async () => {
    const whole = Buffer.from(`start\n${'é漢😀x'.repeat(20_000)}\nmiddle\n${'y'.repeat(LONGEST_LINE + 1)}`);
    const atOnce = (await passedOn('prefix', [whole])).lines;

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (cuts) => {
        expect((await passedOn('prefix', piecesOf(whole, cuts))).lines).toEqual(atOnce);
      }),
      { numRuns: 30 },
    );
  });

  it.each(['é', '漢', '😀'])('is never cut through a character such as %s', async (character) => {
    for (const shift of ['', 'x', 'xx', 'xxx']) {
      const line = shift + character.repeat(50_000);
      const sink = await passedOn('json', [`${line}\n`]);
      const parts = sink.lines.map((text) => (JSON.parse(text) as { line: string }).line);

      expect(parts.join('')).toBe(line);
      expect(parts.length).toBe(Math.ceil(Buffer.byteLength(line) / LONGEST_LINE));
    }
  });

  it('keeps its bytes also when they are no text', async () => {
    const line = Buffer.concat([Buffer.from('text'), Buffer.alloc(3 * LONGEST_LINE, 0x80)]);
    const sink = await passedOn('prefix', [line]);

    expect(
      pieces(sink)
        .slice(0, 3)
        .every(({ length }) => length >= LONGEST_LINE - 3),
    ).toBe(true);
    expect(Buffer.from(pieces(sink).join(''), 'latin1').equals(line)).toBe(true);
  });

  it('does not wait for its end, which may never come', async () => {
    const sink = new Sink();
    const source = new PassThrough({ highWaterMark: 4 * LONGEST_LINE });
    rankOutput('prefix', { stdout: sink, stderr: sink }).connect(0, 'stdout', source);

    await write(source, 'x'.repeat(3 * LONGEST_LINE + 1));

    expect(sink.lines.length).toBe(3);
  });
});

describe('a sink that is slow', () => {
  /** Many times what all the buffers on the way hold. */
  const LINES = 200_000;
  const SCRIPT = `awk 'BEGIN { for (i = 0; i < ${LINES}; i++) printf "%0199d\\n", i }'`;

  it('slows a rank down, and then gets everything in order', async () => {
    const sink = new Sink();
    sink.stall();
    const child = shell(SCRIPT);
    const source = stdoutOf(child);
    rankOutput('prefix', { stdout: sink, stderr: sink }).connect(0, 'stdout', source);

    await once(source, 'pause');
    expect(sink.writableLength).toBeLessThan(1_000_000);
    expect(child.exitCode).toBe(null);

    sink.goOn();
    await once(child, 'close');
    expect(sink.lines.map((line) => Number(line.slice('[rank 0] '.length)))).toEqual(
      Array.from({ length: LINES }, (_, index) => index),
    );
  });

  it('pauses every rank that writes to it, and wakes all of them', async () => {
    const sink = new Sink();
    sink.stall();
    const output = rankOutput('prefix', { stdout: sink, stderr: sink });
    const sources = [0, 1, 2].map((rank) => {
      const source = Readable.from(
        Array.from({ length: 100 }, (_, line) => Buffer.from(`${line} `.repeat(2_000) + '\n')),
      );
      output.connect(rank, 'stdout', source);
      return source;
    });

    await Promise.all(sources.map((source) => once(source, 'pause')));
    expect(sources.every((source) => source.isPaused())).toBe(true);
    const before = sink.writableLength;

    sink.goOn();
    await Promise.all(sources.map((source) => once(source, 'close')));
    await output.drained();
    expect(before).toBeLessThan(10 * 16_384);
    expect(sink.lines.length).toBe(300);
  });

  it('does not slow down a rank that writes to another sink', async () => {
    const sinks = { stdout: new Sink(), stderr: new Sink() };
    sinks.stdout.stall();
    const output = rankOutput('raw', sinks);
    const [slow, fast] = [0, 1].map(() =>
      Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(16_384, 'x'))),
    ) as [Readable, Readable];
    output.connect(0, 'stdout', slow);
    output.connect(0, 'stderr', fast);

    await once(fast, 'close');

    expect(slow.isPaused()).toBe(true);
    expect(sinks.stderr.bytes.length).toBe(50 * 16_384);
  });

  it('is waited for until it has taken everything', async () => {
    const sink = new Sink();
    sink.stall();
    const output = rankOutput('raw', { stdout: sink, stderr: sink });
    const source = Readable.from([Buffer.from('one'), Buffer.from('two')]);
    output.connect(0, 'stdout', source);
    await once(source, 'close');

    let drained = false;
    const waiting = output.drained().then(() => (drained = true));
    await new Promise(setImmediate);
    expect(drained).toBe(false);

    sink.goOn();
    await waiting;
    expect(sink.text).toBe('onetwo');
  });
});

describe('a sink that dies', () => {
  const TALKER = `awk 'BEGIN { for (i = 0; i < 50000; i++) printf "%0199d\\n", i }'`;

  it('does not stop a rank whose output it was: a reader that has left', async () => {
    const reader = shell('exec head -c 10 > /dev/null', 'pipe');
    const sink = reader.stdin ?? expect.unreachable();
    const child = shell(TALKER);
    const output = rankOutput('prefix', { stdout: sink, stderr: sink });
    output.connect(0, 'stdout', stdoutOf(child));

    const [code] = (await once(child, 'close')) as [number | null];
    await output.drained();

    expect(code).toBe(0);
    expect(sink.destroyed).toBe(true);
  });

  it('wakes the ranks that were waiting for it, without an error of its own as well', async () => {
    const sink = new Sink();
    sink.stall();
    const child = shell(TALKER);
    const source = stdoutOf(child);
    const output = rankOutput('prefix', { stdout: sink, stderr: sink });
    output.connect(0, 'stdout', source);
    await once(source, 'pause');

    const drained = output.drained();
    sink.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    await drained;

    expect(code).toBe(0);
  });

  it('may be dead from the start', async () => {
    const sink = new Sink();
    sink.destroy();
    await once(sink, 'close');
    const output = rankOutput('prefix', { stdout: sink, stderr: sink });
    const source = Readable.from(Array.from({ length: 20 }, () => Buffer.from('a line\n')));
    output.connect(0, 'stdout', source);

    await once(source, 'close');
    await output.drained();

    expect(sink.writes).toEqual([]);
  });

  it('leaves the other sink alone', async () => {
    const sinks = { stdout: new Sink(), stderr: new Sink() };
    const output = rankOutput('prefix', sinks);
    sinks.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await closed(sinks.stdout);
    const source = Readable.from([Buffer.from('still here\n')]);
    output.connect(0, 'stderr', source);
    await once(source, 'close');

    expect(sinks.stderr.text).toBe('[rank 0] still here\n');
  });
});

describe('a file of the rank besides', () => {
  const block = Buffer.alloc(16_384, 'x');

  it('gets the lines of both streams, as the sinks do, and is ended with the output', async () => {
    const [sink, file] = [new Sink(), new Sink()];
    const output = rankOutput('prefix', { stdout: sink, stderr: sink }, { file: () => file });
    for (const name of ['stdout', 'stderr'] as const)
      output.connect(1, name, Readable.from([Buffer.from(`${name}\n`)]));

    await output.flushed(5_000);

    expect([...file.lines].sort()).toEqual(['[rank 1] stderr', '[rank 1] stdout']);
    expect(file.text).toBe(sink.text);
    expect([file.writableEnded, sink.writableEnded]).toEqual([true, false]);
  });

  it('that is full holds up a rank however often its sink asks for more, and memory stays where it is', async () => {
    let passed = 0;
    const quick = new Writable({
      highWaterMark: 1, // full after each piece, and ready for the next on the next turn
      write(chunk: Buffer, _encoding, done) {
        passed += chunk.length;
        setImmediate(done);
      },
    });
    const file = new Sink();
    file.stall();
    const output = rankOutput('raw', { stdout: quick, stderr: quick }, { file: () => file });
    const source = Readable.from(Array.from({ length: 200 }, () => block));
    output.connect(0, 'stdout', source);
    await once(source, 'pause');
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);

    expect(source.isPaused()).toBe(true);
    expect(file.writableLength).toBeLessThan(10 * block.length);

    file.goOn();
    await closed(source);
    await output.drained();
    expect([passed, file.bytes.length]).toEqual([200 * block.length, 200 * block.length]);
  });

  it('that fails is forgotten, and the sink gets everything', async () => {
    const [sink, file] = [new Sink(), new Sink()];
    const output = rankOutput('raw', { stdout: sink, stderr: sink }, { file: () => file });
    const source = Readable.from(Array.from({ length: 50 }, () => block));
    output.connect(0, 'stdout', source);
    file.destroy(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }));

    await closed(source);
    await output.flushed(5_000);

    expect(sink.bytes.length).toBe(50 * block.length);
  });
});

describe('when the ranks are gone', () => {
  it('all that they wrote is passed on, also to a reader that takes far longer than the limit, one piece at a time', async () => {
    const written: Buffer[] = [];
    // Each piece takes a fifth of the limit, and there are more than ten times as many.
    const slow = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk);
        setTimeout(done, 10);
      },
    });
    const child = shell(`awk 'BEGIN { for (i = 0; i < 20000; i++) printf "%0199d\\n", i }'`);
    const output = rankOutput('prefix', { stdout: slow, stderr: slow });
    output.connect(0, 'stdout', stdoutOf(child));

    await output.flushed(50);

    const lines = Buffer.concat(written).toString().trimEnd().split('\n');
    expect(lines.map((line) => Number(line.slice('[rank 0] '.length)))).toEqual(
      Array.from({ length: 20_000 }, (_, index) => index),
    );
  });

  it('what a rank left in a pipe that somebody else holds is passed on, its unfinished line too', async () => {
    const sink = new Sink();
    const child = shell(`sleep 60 & echo $!; printf 'last words'`);
    const output = rankOutput('prefix', { stdout: sink, stderr: sink });
    const source = stdoutOf(child);
    output.connect(0, 'stdout', source);
    await once(child, 'exit');

    await output.flushed(60_000);

    const [holder, words] = sink.lines.map((line) => line.slice('[rank 0] '.length));
    onTestFinished(() => end(Number(holder)));
    expect(words).toBe('last words');
    expect(source.destroyed).toBe(true);
    expect(stateOf(Number(holder))).not.toBeNull();
  });

  it('whoever holds a pipe and writes for ever is not listened to for ever', async () => {
    const sink = new Sink();
    const source = new Readable({ read: () => undefined });
    const chatter = setInterval(() => source.push('still here\n'), 5);
    const output = rankOutput('prefix', { stdout: sink, stderr: sink });
    output.connect(0, 'stdout', source);

    await output.flushed(60_000);
    clearInterval(chatter);

    expect(sink.lines.length).toBeGreaterThan(0);
    expect(source.destroyed).toBe(true);
  });

  it('a reader that takes nothing any more is given up after the limit', async () => {
    const sink = new Sink();
    sink.stall();
    const source = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(16_384, 'x')));
    const output = rankOutput('raw', { stdout: sink, stderr: sink });
    output.connect(0, 'stdout', source);

    await output.flushed(50);

    expect(source.destroyed).toBe(true);
  });
});

describe('no sink at all', () => {
  it('reads what the ranks write and forgets it, so that they never block', async () => {
    const child = shell(`awk 'BEGIN { for (i = 0; i < 50000; i++) printf "%0199d\\n", i }'`);
    const output = rankOutput('prefix', null);
    output.connect(0, 'stdout', stdoutOf(child));

    const [code] = (await once(child, 'close')) as [number | null];
    await output.drained();

    expect(code).toBe(0);
  });
});
