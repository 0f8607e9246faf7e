import { LONG_OPTIONS, SHORT_OPTIONS } from './option-names.ts';
import { refusal, refuseIf } from './refuse.ts';

/** One argument of vLLM's server, and the words that it stands in. */
export interface Argument {
  /**
   * The long name of an option without its dashes, however it was spelt; of a JSON option `name.key`. Null for a word
   * that is none, and for an option that nobody here knows.
   */
  readonly option: string | null;
  /** The value of an option that is read here, as text; null where there is none. */
  readonly value: string | null;
  /** As they were given, byte for byte. */
  readonly words: readonly string[];
}

/** The options whose next word is their value, of those that anybody here reads. All others keep theirs as plain words. */
const VALUED: ReadonlySet<string> = new Set([
  ...['host', 'port', 'uds', 'api-server-count', 'config', 'shutdown-timeout', 'device-ids', 'nnodes', 'node-rank'],
  ...['ssl-keyfile', 'ssl-certfile', 'ssl-ca-certs', 'tensor-parallel-size', 'pipeline-parallel-size', 'grpc-port'],
  ...['data-parallel-size', 'data-parallel-size-local', 'data-parallel-start-rank', 'data-parallel-rank'],
  ...['data-parallel-address', 'data-parallel-rpc-port', 'data-parallel-backend', 'data-parallel-supervisor-port'],
  ...['dp-supervisor-probe-interval-s', 'dp-supervisor-probe-timeout-s', 'dp-supervisor-probe-failure-threshold'],
  ...['kv-transfer-config', 'ec-transfer-config', 'kv-events-config'],
]);

/** The options that are read here and have no value. */
const FLAGS: ReadonlySet<string> = new Set([
  ...['headless', 'grpc', 'enforce-eager', 'no-enforce-eager', 'data-parallel-multi-port-external-lb'],
  ...['data-parallel-external-lb', 'no-data-parallel-external-lb'],
  ...['data-parallel-hybrid-lb', 'no-data-parallel-hybrid-lb'],
]);

/** As many names as a line of refusal holds. */
const MOST_NAMED = 4;

const isRead = (option: string) => VALUED.has(option) || FLAGS.has(option);

/**
 * Reads the arguments of vLLM's server as its own parser does (vLLM: `FlexibleArgumentParser`, Python: argparse): `_` is
 * `-` in a long name, a name may be cut short as long as one option alone begins like that, a value stands behind `=` or
 * in the next word, short options of one letter have it joined, and what looks like an option is never a value.
 *
 * @throws DpsError `DPS_USAGE` where vLLM would refuse an option that is read here
 */
export function readArguments(words: readonly string[]): readonly Argument[] {
  const read: Argument[] = [];
  for (let index = 0; index < words.length;) {
    const argument = argumentAt(words, index);
    read.push(argument);
    index += argument.words.length;
    if (argument.words[0] === '--') break;
  }
  return read;
}

function argumentAt(words: readonly string[], index: number): Argument {
  const word = words[index] ?? '';
  const next = words[index + 1];
  if (word === '--') return { option: null, value: null, words: words.slice(index) };
  const { option, value, isDotted } = spelt(word);
  if (option === null || (!isDotted && !isRead(option))) return { option, value: null, words: [word] };
  if (value !== null) {
    refuseIf(FLAGS.has(option), `${word}: --${option} takes no value`);
    return { option, value, words: [word] };
  }
  if (FLAGS.has(option)) return { option, value: null, words: [word] };
  // The keys of JSON options are put together before anybody asks what looks like an option.
  if (isDotted) return { option, value: next ?? null, words: words.slice(index, index + 2) };
  if (next === undefined || next === '--' || looksLikeOption(next)) {
    throw refusal(`${word}: expected a value${next === undefined ? '' : ` before ${next}`}`);
  }
  return { option, value: next, words: [word, next] };
}

interface Spelt {
  readonly option: string | null;
  readonly value: string | null;
  /** `--kv-transfer-config.engine_id`: a key of a JSON option. */
  readonly isDotted: boolean;
}

const NO_OPTION: Spelt = { option: null, value: null, isDotted: false };

/** Which option a word is, and the value that is in it. */
function spelt(word: string): Spelt {
  if (!word.startsWith('-') || word === '-') return NO_OPTION;
  const [typed = '', ...rest] = word.split('=');
  const value = rest.length === 0 ? null : rest.join('=');
  if (typed.includes('.')) {
    const [name = '', ...keys] = typed.replace(/^-+/, '').split('.');
    return { option: [name.replaceAll('_', '-'), ...keys].join('.'), value, isDotted: true };
  }
  return typed.startsWith('--') ? long(typed.slice(2).replaceAll('_', '-'), value) : short(word, typed, value);
}

function long(name: string, value: string | null): Spelt {
  if (LONG_OPTIONS.includes(name)) return { option: name, value, isDotted: false };
  const option = onlyOne(
    LONG_OPTIONS.filter((candidate) => candidate.startsWith(name)),
    `--${name}`,
  );
  return { option, value, isDotted: false };
}

function short(word: string, typed: string, value: string | null): Spelt {
  const exact = SHORT_OPTIONS.get(typed);
  if (exact !== undefined) return { option: exact, value, isDotted: false };
  const letter = SHORT_OPTIONS.get(word.slice(0, 2));
  const begun = [...SHORT_OPTIONS].filter(([name]) => name.startsWith(word)).map(([, option]) => option);
  const option = onlyOne([...(letter === undefined ? [] : [letter]), ...begun], word);
  const joined = /^(-(?:dp|tp|pp)[a-z]?)(\d.*)$/.exec(word);
  refuseIf(
    option === null && joined !== null,
    `${word}: vLLM takes "${joined?.[1]} ${joined?.[2]}" or "${joined?.[1]}=${joined?.[2]}"`,
  );
  return { option, value: option !== null && option === letter ? word.slice(2) : null, isDotted: false };
}

/** An abbreviation is that of one option, or of none; of several it is refused where one of them is read here. */
function onlyOne(options: readonly string[], typed: string): string | null {
  const [first = null, ...others] = [...new Set(options)];
  if (others.length === 0) return first;
  const some = options.slice(0, MOST_NAMED).map((option) => `--${option}`);
  const more = options.length > MOST_NAMED ? ` and ${options.length - MOST_NAMED} others` : '';
  refuseIf(options.some(isRead), `${typed} could be any of ${some.join(', ')}${more}`);
  return null;
}

/** Python's argparse takes a negative number for a value, and a word with a blank in it unless it is an option. */
function looksLikeOption(word: string): boolean {
  if (!word.startsWith('-') || word === '-') return false;
  if (spelt(word).option !== null) return true;
  return !/^-\d+$|^-\d*\.\d+$/.test(word) && !word.includes(' ');
}
