const WORDS = (
  'a the one every some small quiet bright slow early river lantern harbour meadow signal window engine garden ' +
  'winter morning copper paper stone cloud bridge crosses follows carries answers gathers opens holds leaves waits ' +
  'listens turns beside under toward after before without and while until softly again alone together'
).split(' ');

/** The fewest and the most words a text has before it ends by itself. */
export const TEXT_LENGTH = { min: 12, max: 40 };

/** The text that belongs to a prompt, word by word: always the same one for the same prompt. */
export function wordsFor(prompt: string): string[] {
  const random = randomFrom(hash(prompt));
  const length = TEXT_LENGTH.min + Math.floor(random() * (TEXT_LENGTH.max - TEXT_LENGTH.min + 1));
  return Array.from({ length }, () => WORDS[Math.floor(random() * WORDS.length)] as string);
}

/** How many tokens a prompt has: one for each word, whatever the white space between them. */
export function countTokens(prompt: string): number {
  return prompt.match(/\S+/g)?.length ?? 0;
}

// FNV-1a, 32 bits.
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193);
  return state >>> 0;
}

// mulberry32: numbers from 0 up to, not including, 1.
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
