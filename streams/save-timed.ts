import type { Marble } from './marble.ts';

/** So wide is a picture that can be looked at; where it would be wider, every lane is as short as it can be. */
const WIDEST = 150;

/**
 * Prints lanes whose events lie anywhere in time, with progressions of time between them: one below the other in
 * columns of the same time where that is not too wide, else each for itself.
 *
 * @returns the lanes' texts; null when two events are nearer to each other than the frame can show
 */
export function printTimed(
  lanes: readonly { readonly marbles: readonly Marble[] }[],
  frameMs: number,
): readonly string[] | null {
  const timed = lanes.map(({ marbles }) => byTime(marbles));
  const together = aligned(timed, frameMs);
  if (together !== null && Math.max(...together.map(({ length }) => length)) <= WIDEST) return together;
  const alone = timed.map((lane) => aligned([lane], frameMs)?.[0] ?? null);
  return alone.every((text) => text !== null) ? alone : null;
}

type Timed = ReadonlyMap<number, string>;

/** Each time is a column, as wide as its widest event; between the columns time passes for all alike. */
function aligned(lanes: readonly Timed[], frameMs: number): readonly string[] | null {
  const times = [...new Set(lanes.flatMap((lane) => [...lane.keys()]))].sort((a, b) => a - b);
  const texts = lanes.map(() => '');
  let now = 0;
  for (const time of times) {
    const passing = progression(time - now, frameMs);
    if (passing === null) return null;
    const width = Math.max(...lanes.map((lane) => lane.get(time)?.length ?? 0));
    lanes.forEach((lane, index) => (texts[index] += passing + (lane.get(time) ?? '').padEnd(width, '-')));
    now = time + width * frameMs;
  }
  return texts.map((text) => text.trim());
}

/** Gaps as short as this are drawn and not told. */
const DRAWN_FRAMES = 16;

function progression(ms: number, frameMs: number): string | null {
  if (ms < 0) return null;
  if (ms <= DRAWN_FRAMES * frameMs && Number.isInteger(ms / frameMs)) return '-'.repeat(ms / frameMs);
  const seconds = String(ms / 1_000);
  const isExact = ms >= 1_000 && Number(seconds) * 1_000 === ms && !seconds.includes('e');
  return isExact ? ` ${seconds}s ` : ` ${ms}ms `;
}

function byTime(marbles: readonly Marble[]): Timed {
  const times = new Map<number, string>();
  for (const { at, symbol } of marbles) times.set(at, (times.get(at) ?? '') + symbol);
  return new Map([...times].map(([at, symbols]) => [at, symbols.length === 1 ? symbols : `(${symbols})`]));
}
