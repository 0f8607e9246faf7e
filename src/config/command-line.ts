import { cut } from '../../streams/quoted.ts';
import { DpsError } from '../errors.ts';
import type { Option, OptionTable, Values } from './option.ts';
import { expectation, read } from './read.ts';
import { suggestion } from './suggestion.ts';

/** What was typed: values by option, and the words of COMMAND. */
export interface Typed<T extends OptionTable> {
  readonly values: Partial<Values<T>>;
  readonly command: readonly string[];
}

/**
 * Reads the words of a command line. Options stop at the first word that is none, or behind `--`; the
 * rest is COMMAND and is not looked at. As in vLLM, `--a_b` is `--a-b` and `--a=b` is `--a b`. An option
 * given again replaces the one before, but pairs add up.
 *
 * @param anywhere whether options may stand behind words too, as where the words are files and no COMMAND
 * @throws DpsError `DPS_USAGE`
 */
export async function readCommandLine<T extends OptionTable>(
  words: readonly string[],
  table: T,
  anywhere = false,
): Promise<Typed<T>> {
  const values: Record<string, unknown> = {};
  const before: string[] = [];
  let index = 0;
  while (index < words.length) {
    const word = words[index] ?? '';
    if (word === '--') return { values: values as Partial<Values<T>>, command: [...before, ...words.slice(index + 1)] };
    if (!word.startsWith('-') || word === '-') {
      if (!anywhere) break;
      before.push(word);
      index += 1;
      continue;
    }

    const [typed = '', ...inline] = word.split('=');
    const [key, option] = find(typed, table) ?? (await refuse(typed, table));
    const where = typed.startsWith('--') ? `--${option.name}` : typed;
    index += 1;
    if (option.type === 'flag' && inline.length === 0) {
      values[key] = true;
      continue;
    }
    const said = inline.length > 0 ? inline.join('=') : words[index++];
    if (said === undefined || (inline.length === 0 && isOption(said, table))) {
      const next = said === undefined ? '' : ` before ${cut(said)}`;
      throw new DpsError('DPS_USAGE', `${where}: expected ${expectation(option)}, got none${next}`);
    }
    const value = read(option, said, where);
    values[key] = option.type === 'pairs' ? { ...(values[key] as object), ...(value as object) } : value;
  }
  return { values: values as Partial<Values<T>>, command: [...before, ...words.slice(index)] };
}

function find(typed: string, table: OptionTable): readonly [string, Option] | undefined {
  const name = typed.startsWith('--') ? typed.slice(2).replaceAll('_', '-') : null;
  return Object.entries(table).find(([, option]) => (name === null ? option.short === typed : option.name === name));
}

/** A value may begin with a dash, as numbers do; what is written as an option is none. */
function isOption(word: string, table: OptionTable): boolean {
  return word.startsWith('--') || find(word.split('=')[0] ?? '', table) !== undefined;
}

async function refuse(typed: string, table: OptionTable): Promise<never> {
  const hint = await suggestion(typed, spellings(table));
  throw new DpsError('DPS_USAGE', `unknown option ${cut(typed)}${hint} (see --help)`);
}

function spellings(table: OptionTable): string[] {
  return Object.values(table).flatMap(({ name, short }) =>
    short === undefined ? [`--${name}`] : [`--${name}`, short],
  );
}
