import type { Readable, Writable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { framer, type LogFormat, type StreamName } from './framing.ts';
import { type Outlet, outlet } from './outlet.ts';

/** Where the ranks' output goes. */
export interface Sinks {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Who gets the ranks' output besides. */
export interface Besides {
  /** A sink of the rank's own, for both of its streams. It is ended with the output. */
  readonly file?: (rank: number) => Writable;
  /** Sees every chunk as it comes, and may keep it. */
  readonly saw?: (rank: number, name: StreamName, chunk: Buffer) => void;
}

export interface RankOutput {
  connect(rank: number, name: StreamName, source: Readable): void;
  /** Resolves when the sinks have taken everything, or are gone. */
  drained(): Promise<void>;
  /**
   * To be called when the ranks are gone. Resolves when all that they wrote has been passed on, or when no sink has
   * taken anything for `limitMs`. A pipe that somebody else holds is read for as long as something that a rank
   * wrote may still be in it. Then the sinks are let go of: they are somebody else's.
   */
  flushed(limitMs: number): Promise<void>;
}

/** A pipe that was read for so long without a pause holds nothing any more of what was written before. */
const READ_FOR_MS = 500;
/** Bytes, and more than any pipe holds: what a slow sink has read behind it is not what a rank has left. */
const MORE_THAN_A_PIPE = 32 * 1_048_576;

interface Source {
  /** Bytes that have come since the ranks are gone. */
  late: number;
  /** Since the last look a sink was full, and it had to wait. */
  heldUp: boolean;
}

/**
 * Passes on what the ranks write, whole lines at a time, so that two ranks never share a line; `raw` alone
 * passes it on as it comes. It works on chunks, not on lines: a rank at full speed writes millions of them a
 * second. A sink that is slow slows the ranks down, and one that is gone is forgotten: the ranks go on.
 *
 * @param sinks null to read and discard, which is what keeps a rank from blocking on a full pipe
 */
export function rankOutput(format: LogFormat, sinks: Sinks | null, { file, saw }: Besides = {}): RankOutput {
  const outlets = new Map<Writable, Outlet>();
  const files = new Set<Writable>();
  const sources = new Map<Readable, Source>();
  const holds = new Map<Readable, number>();
  let moved = 0;
  if (sinks !== null) for (const sink of [sinks.stdout, sinks.stderr]) outletOf(sink);

  return { connect, drained, flushed };

  function connect(rank: number, name: StreamName, source: Readable): void {
    const state: Source = { late: 0, heldUp: false };
    sources.set(source, state);
    source.on('error', () => source.destroy());
    // 'close' comes after 'end', and in place of it when reading failed.
    source.on('close', () => sources.delete(source));
    const outs = sinks === null ? [] : [outletOf(sinks[name])];
    if (file !== undefined) {
      const sink = file(rank);
      files.add(sink);
      outs.push(outletOf(sink));
    }
    const frame = outs.length === 0 ? null : framer(format, rank, name, pass);
    source.on('data', (chunk: Buffer) => {
      moved += 1;
      state.late += chunk.length;
      saw?.(rank, name, chunk);
      frame?.chunk(chunk);
    });
    source.on('close', () => frame?.end());

    function pass(data: Buffer): void {
      for (const out of outs) out.pass(data, source);
    }
  }

  function outletOf(sink: Writable): Outlet {
    const known = outlets.get(sink);
    if (known !== undefined) return known;
    const made = outlet(sink, { taken: () => (moved += 1), hold, letGo });
    outlets.set(sink, made);
    return made;
  }

  /** A source waits for as long as one of its sinks is full. */
  function hold(source: Readable): void {
    holds.set(source, (holds.get(source) ?? 0) + 1);
    const state = sources.get(source);
    if (state !== undefined) state.heldUp = true;
  }

  function letGo(source: Readable): void {
    const left = (holds.get(source) ?? 1) - 1;
    if (left > 0) {
      holds.set(source, left);
      return;
    }
    holds.delete(source);
    source.resume();
  }

  async function drained(): Promise<void> {
    await Promise.all([...outlets.values()].map((out) => out.drained()));
  }

  async function flushed(limitMs: number): Promise<void> {
    const closings = [...sources.keys()].map((source) => new Promise((resolve) => source.once('close', resolve)));
    const over = new AbortController();
    const stuck = givenUp(limitMs, over.signal).catch(() => undefined);
    await Promise.race([Promise.all(closings).then(drained), stuck]);
    over.abort();
    for (const source of sources.keys()) source.destroy();
    for (const out of outlets.values()) out.letGo();
    for (const sink of files) sink.end();
  }

  /** Lets go of the pipes that only others write to; resolves when nothing has moved for so long, rejects on `signal`. */
  async function givenUp(limitMs: number, signal: AbortSignal): Promise<void> {
    const lookMs = Math.min(READ_FOR_MS, limitMs);
    for (const state of sources.values()) state.late = 0;
    for (let still = 0, seen = NaN; still < limitMs; still = seen === moved ? still + lookMs : 0) {
      for (const [source, state] of sources) state.heldUp = source.isPaused();
      seen = moved;
      await setTimeout(lookMs, undefined, { signal });
      // This process may have slept meanwhile: on the next turn it has read what there was.
      await setImmediate(undefined, { signal });
      for (const [source, { heldUp, late }] of sources) {
        if (!heldUp || late > MORE_THAN_A_PIPE) source.destroy();
      }
    }
  }
}
