import type { Argument } from './command-line.ts';

/** A key of an option whose value is JSON: `--kv-transfer-config '{"engine_id": ...}'` or `--kv-transfer-config.engine_id ...`. */
export interface JsonKey {
  readonly option: string;
  readonly key: string;
}

/** The text under the key; null where there is none. Keys of their own are put in the place of the whole option. */
export function textUnder(all: readonly Argument[], { option, key }: JsonKey): string | null {
  const own = all.findLast((argument) => argument.option === `${option}.${key}`);
  if (own !== undefined) return own.value;
  const value = parsed(all.findLast((argument) => argument.option === option))?.[key];
  return value === undefined || value === null ? null : String(value);
}

/** Whether the option is there in any form. */
export function isUsed(all: readonly Argument[], option: string): boolean {
  return all.some((argument) => argument.option === option || argument.option?.startsWith(`${option}.`));
}

/** The same arguments with another text under the key. Nothing is changed where the option is not there, or no JSON. */
export function withText(all: readonly Argument[], { option, key }: JsonKey, text: string): readonly Argument[] {
  const dotted = `${option}.${key}`;
  const own = all.findLastIndex((argument) => argument.option === dotted);
  if (own !== -1) return all.with(own, { option: dotted, value: text, words: [`--${dotted}=${text}`] });
  const whole = all.findLastIndex((argument) => argument.option === option);
  const value = parsed(all[whole]);
  if (value !== null) {
    const json = JSON.stringify({ ...value, [key]: text });
    return all.with(whole, { option, value: json, words: [`--${option}`, json] });
  }
  return isUsed(all, option) ? [...all, { option: dotted, value: text, words: [`--${dotted}=${text}`] }] : all;
}

function parsed(argument: Argument | undefined): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(argument?.value ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // A placeholder may be what makes it JSON; or vLLM will say what is wrong with it.
  }
}
