import { isCount, looksSecret, MASK } from './secret-names.ts';

/**
 * Masks what looks like a secret anywhere in a text: a script, a header, the words of an error. Rather too much
 * than too little: where it is unclear how far a value goes, more of the text is masked.
 */
export function maskText(text: string): string {
  const steps = [
    (rest: string) => rest.replace(IN_URL, MASK),
    (rest: string) => behindNames(rest, IN_QUOTES, untilQuote),
    (rest: string) => behindNames(rest, NAME, oneValue),
    (rest: string) => behindNames(rest, OPTION, allValues),
    (rest: string) => rest.replace(BEARER, `$1${MASK}`),
    (rest: string) => rest.replace(BY_SHAPE, MASK),
  ];
  return steps.reduce((rest, step) => step(rest), text);
}

// Each pattern begins where it cannot begin again within the same run of characters, so that a long text with
// nothing to mask is looked at once.

/** `user:password@` or `token@` behind `://`; a password may hold a slash, a port is none. */
const IN_URL = /(?<=:\/\/)(?:[^\s/?#"']{1,4096}|[^\s/?#:"']{0,256}:(?!\d+[/?#])[^\s"']{0,256})(?=@)/g;

/** `"NAME=value with blanks"`, `'Authorization: Bearer x'`: the quotes say how far the value goes. */
const IN_QUOTES = /(?<before>(?<![\\\w])(?<quote>\\*["']))(?<name>[\w.-]+)\s*[:=]\s*(?!["'])/g;

const BLANKS = String.raw`(?:\s|\\\n)`;
/** `NAME=value`, `"name": "value"`, `name: value`. */
const NAME = new RegExp(
  String.raw`(?<![\w.-])(?<name>[\w.-]+)\\*["']?${BLANKS}*[:=]${BLANKS}*(?:(?:Bearer|Basic|Digest|Token)\s+)?`,
  'gi',
);
/** `--api-key value`, `["--api-key", "value"]`. */
const OPTION = new RegExp(
  String.raw`(?<![\w.-])(?<name>--?[A-Za-z][\w.-]*)(?:${BLANKS}+|\\*["']\s*,\s*)(?!--[a-z])`,
  'g',
);

/** Quoted, or up to where a shell or a URL goes on. A quote within quotes has backslashes before it. */
const VALUE = String.raw`(?:(?<escape>\\*)(?<quote>["'])[^]*?(?:(?<!\\)\k<escape>\k<quote>|$)|\\[^\n]|[^\s"'\x60&;|<>\\])(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\[^\n]|[^\s"'\x60&;|<>\\])*`;
const ONE_VALUE = new RegExp(VALUE, 'y');
const NEXT_VALUE = new RegExp(String.raw`${BLANKS}+(?!-)${VALUE}`, 'y');

const BEARER = /\b(Bearer\s+)[^\s"'\\]+/gi;

/** Secrets that say by themselves what they are. */
const BY_SHAPE =
  /\b(?:sk|pk|rk)[-_][\w-]{16,}|\b(?:hf|gh[pousr]|github_pat|glpat|xox[abeprs]|nvapi)[-_][\w-]{16,}|\b(?:AKIA|ASIA)[A-Z\d]{16}\b|\beyJ[\w-]+\.[\w-]+\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

const LONGEST_COUNT = 32;

/** Where a value ends that begins at `from`, right behind what was found. */
type End = (text: string, from: number, found: RegExpExecArray) => number;

/** Looks for names, and masks what is behind those of secrets. */
function behindNames(text: string, pattern: RegExp, end: End): string {
  let masked = '';
  let done = 0;
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const name = found.groups?.['name'] ?? '';
    const from = pattern.lastIndex;
    if (!looksSecret(name) || isCount(name, text.slice(from, from + LONGEST_COUNT))) {
      pattern.lastIndex = found.index + (found.groups?.['before'] ?? '').length + name.length;
      continue;
    }
    const to = end(text, from, found);
    masked += text.slice(done, from) + withinQuotes(text.slice(from, to));
    done = to;
    pattern.lastIndex = to;
  }
  return masked + text.slice(done);
}

function untilQuote(text: string, from: number, { groups }: RegExpExecArray): number {
  const quote = groups?.['quote'] ?? '';
  for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 1)) {
    if (text[at - 1] !== '\\') return at;
  }
  return text.length;
}

function oneValue(text: string, from: number): number {
  return /[[{]/.test(text[from] ?? '') ? closing(text, from) : behind(ONE_VALUE, text, from);
}

/** Some options take several values: up to the next option, or where the command ends. */
function allValues(text: string, from: number): number {
  let end = oneValue(text, from);
  for (let next = behind(NEXT_VALUE, text, end); next > end; next = behind(NEXT_VALUE, text, end)) end = next;
  return end;
}

/** Behind the bracket that closes the one at `from`; what is not closed goes to the end. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (/[[{]/.test(text[at] ?? '')) depth += 1;
    else if (/[\]}]/.test(text[at] ?? '')) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function behind(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

/** Quotes around it stay, so that the text around it stays what it was. */
function withinQuotes(value: string): string {
  if (value === '') return '';
  const quotes = /^(\\*["'])[^]*?((?<!\\)\1)$/.exec(value);
  return quotes === null ? MASK : `${quotes[1]}${MASK}${quotes[2]}`;
}
