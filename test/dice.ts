/** Chance that can be repeated: the same throws for the same seed (mulberry32). */
export function dice(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    chance: (likelihood: number) => next() < likelihood,
    upTo: (most: number) => Math.floor(next() * (most + 1)),
    pick: <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T,
  };
}
