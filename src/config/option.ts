import { LIMITS } from '../../streams/policy.ts';

/** One option: where its value may come from, what it may be, and what it does. */
export type Option = {
  /** Without the leading `--`; the key in a file, and in upper case the environment variable after `DPS_`. */
  readonly name: string;
  /** Other spelling, as vLLM has it, with its dash: `-dp`. */
  readonly short?: string;
  /** Heading in `--help` and in the reference. */
  readonly group: string;
  /** One sentence without the final stop. */
  readonly help: string;
  /** What stands for the value in the help. Flags have none. */
  readonly placeholder?: string;
  /** Only what is typed counts: not the environment, not the file. */
  readonly commandLineOnly?: true;
} & OptionType;

/** What an option's value may be. */
export type OptionType =
  | { readonly type: 'text'; readonly default?: string }
  | { readonly type: 'choice'; readonly choices: readonly string[]; readonly default: string }
  | { readonly type: 'integer'; readonly min: number; readonly max: number; readonly default?: number }
  | { readonly type: 'seconds'; readonly min: number; readonly default?: number }
  | { readonly type: 'list'; readonly default?: readonly string[] }
  | { readonly type: 'pairs' }
  | { readonly type: 'flag' };

/** Options by the name that the library and the code use for them. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The checked values of a table: its defaults where nothing was said. */
export type Values<T extends OptionTable> = { readonly [K in keyof T]: Value<T[K]> };

type Value<O> = O extends { readonly type: 'choice'; readonly choices: readonly (infer C)[] }
  ? C
  : O extends { readonly type: 'integer' | 'seconds' }
    ? Defaulted<O, number>
    : O extends { readonly type: 'text' }
      ? Defaulted<O, string>
      : O extends { readonly type: 'list' }
        ? readonly string[] | undefined
        : O extends { readonly type: 'pairs' }
          ? Readonly<Record<string, string>>
          : boolean;

type Defaulted<O, V> = O extends { readonly default: V } ? V : V | undefined;

/** The longest duration, in seconds. */
export const MAX_SECONDS = LIMITS.durationMs / 1_000;

/** The environment variable of an option. */
export function variableOf(option: Option): string {
  return `DPS_${option.name.replaceAll('-', '_').toUpperCase()}`;
}
