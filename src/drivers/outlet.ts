import type { Readable, Writable } from 'node:stream';

/** The way into one sink, for all who write to it. */
export interface Outlet {
  /** Passes on one piece, and holds up where it came from while the sink is full. */
  pass(data: Buffer, source: Readable): void;
  /** Resolves when the sink has taken everything, or is gone. */
  drained(): Promise<void>;
  letGo(): void;
}

interface Listener {
  /** The sink has taken a piece. */
  taken(): void;
  /** It is full, and this source, which is paused by now, must not be resumed before it is let go of. */
  hold(source: Readable): void;
  letGo(source: Readable): void;
}

export function outlet(sink: Writable, listener: Listener): Outlet {
  const waiting = new Set<Readable>();
  let gone = sink.destroyed;
  sink.on('drain', release);
  sink.on('error', forget);
  sink.on('close', forget);

  return {
    pass(data, source) {
      if (gone || sink.write(data, listener.taken)) return;
      source.pause(); // also when it waits already: Node resumes the pipes of a process that has left
      if (waiting.has(source)) return;
      waiting.add(source);
      listener.hold(source);
    },
    async drained() {
      if (gone || sink.writableLength === 0) return;
      await new Promise<void>((resolve) => {
        sink.once('close', resolve);
        sink.write('', () => {
          sink.off('close', resolve);
          resolve();
        });
      });
    },
    letGo() {
      sink.off('drain', release);
      sink.off('error', forget);
      sink.off('close', forget);
    },
  };

  function forget(): void {
    gone = true;
    release();
  }

  function release(): void {
    const all = [...waiting];
    waiting.clear();
    for (const source of all) listener.letGo(source);
  }
}
