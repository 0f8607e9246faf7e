import { maskText } from './mask-text.ts';
import { isCount, looksSecret, MASK } from './secret-names.ts';

/** What hides the secrets of one group. */
export interface Masking {
  argv(words: readonly string[]): readonly string[];
  text(text: string): string;
}

/** A secret that is as short as a common word is masked only where its name stands beside it. */
const SHORTEST_KNOWN = 8;

/**
 * Masks by name and by shape. What it has once seen as the value of a secret's name it also masks where that
 * value stands alone: a shell may have put a variable into any argument.
 *
 * @param commands every command line whose secrets are to be known
 * @param environments every set of variables whose secrets are to be known
 */
export function masking(
  commands: readonly (readonly string[])[],
  environments: readonly Readonly<Record<string, string | undefined>>[],
): Masking {
  const known = new Set<string>();
  const learn = (value: string) => void (value.length >= SHORTEST_KNOWN && known.add(value));
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) if (value && looksSecret(name)) learn(value);
  }
  for (const command of commands) maskWords(command, learn);
  const longestFirst = [...known].sort((a, b) => b.length - a.length);
  const hideKnown = (text: string) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);

  return {
    argv: (words) => maskWords(words.map(hideKnown)),
    text: (text) => maskText(hideKnown(text)),
  };
}

/** Masks the words of a command line. */
function maskWords(words: readonly string[], learn: (value: string) => void = () => undefined): string[] {
  let secret: { readonly name: string; readonly values: number } | null = null;
  return words.map((word, index) => {
    if (word === '--' || isOption(word, secret?.values === 0)) {
      secret = !word.includes('=') && looksSecret(word) ? { name: word, values: 0 } : null;
      return maskWord(word, learn);
    }
    if (secret !== null && !isCount(secret.name, word)) {
      // Some options take several values: all are masked, up to the next option.
      secret = { ...secret, values: secret.values + 1 };
      learn(word);
      return MASK;
    }
    // `sh -c SCRIPT`: only a part of it is the value of the name that it begins with.
    return /^-\w*c$/.test(words[index - 1] ?? '') ? maskText(word) : maskWord(word, learn);
  });
}

/** A value may begin with one dash, and so may a secret: right behind its name it is no option. */
function isOption(word: string, rightBehindSecret: boolean): boolean {
  return (rightBehindSecret ? /^--[a-z][a-z\d_.-]*(=|$)/ : /^--?[A-Za-z][\w.-]*(=|$)/).test(word);
}

/** A word of its own is all value behind `NAME=`, whatever blanks there are in it. */
function maskWord(word: string, learn: (value: string) => void): string {
  const [, before = '', name = '', value = ''] = /^(-{0,2}([\w.-]+)\s*[:=]\s*)([^]+)$/.exec(word) ?? [];
  if (looksSecret(name) && !isCount(name, value)) {
    learn(value);
    return `${before}${MASK}`;
  }
  return (
    maskedJson(word, learn) ?? (before === '' ? null : prefixed(before, maskedJson(value, learn))) ?? maskText(word)
  );
}

function prefixed(before: string, json: string | null): string | null {
  return json === null ? null : `${before}${json}`;
}

/** Null when the text is no JSON object or array. Where nothing in it is a secret it stays as it was written. */
function maskedJson(text: string, learn: (value: string) => void): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    const plain = JSON.stringify(value);
    const masked = JSON.stringify(maskFields(value, learn));
    return masked === plain ? text : masked;
  } catch {
    return null; // No JSON, or nested too deeply to be anybody's: the text as such is looked at.
  }
}

function maskFields(value: unknown, learn: (value: string) => void): unknown {
  if (typeof value === 'string') return maskWord(value, learn);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string')
      ? maskWords(value, learn)
      : value.map((item) => maskFields(item, learn));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      looksSecret(name) && !isCount(name, String(field)) ? hidden(field, learn) : maskFields(field, learn),
    ]),
  );
}

/** Whatever is under a secret's name, of any type. */
function hidden(field: unknown, learn: (value: string) => void): unknown {
  if (typeof field === 'boolean' || field === null) return field;
  if (typeof field === 'string') learn(field);
  return MASK;
}
