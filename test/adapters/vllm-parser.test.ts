// Command lines that vLLM's own parser has read: test/engines/vllm/record_parser.py has recorded what it made of them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vllm } from '../../src/adapters/vllm.ts';
import { SHORT_OPTIONS } from '../../src/adapters/vllm/option-names.ts';
import { readServer } from '../../src/adapters/vllm/server.ts';
import { SAID } from '../../src/adapters/vllm/said.ts';
import { GROUP_OPTIONS } from '../../src/config/options.ts';
import { DpsError } from '../../src/errors.ts';

type Value = string | number | boolean | null | readonly unknown[];
type Case = { words: string[]; values: Record<string, Value> } | { words: string[]; refused: string };

const [header, ...lines] = readFileSync(new URL('parsed-by-vllm.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const { defaults } = JSON.parse(header ?? '') as { defaults: Record<string, Value> };
const CASES = lines.map((line) => JSON.parse(line) as Case);
const READ = Object.keys(defaults).map((name) => name.replaceAll('_', '-'));
/** Those that vLLM alone checks the value of. */
const PASSED_OVER = ['data-parallel-rank', 'data-parallel-rpc-port', 'api-server-count'];

/** A value as vLLM has it, once it has made of the text what the option is. */
function asVllmHasIt(text: string | null, usual: Value, isOn: boolean): Value {
  if (typeof usual === 'boolean' || usual === undefined) return isOn;
  if (text === null) return usual;
  const number = Number(text.trim().replaceAll(/(?<=\d)_(?=\d)/g, ''));
  if (typeof usual === 'number') return number;
  return /^\s*[+-]?\d[\d_]*\s*$/.test(text) ? number : text;
}

describe('what vLLM has read is read alike', () => {
  const accepted = CASES.filter((each) => 'values' in each);

  it.each(accepted)('$words', ({ words, values }) => {
    const server = readServer(['vllm', 'serve', ...words]);
    for (const [name, usual] of Object.entries(defaults)) {
      if (name === 'device_ids' || name === 'config') continue; // a list of its own; a file that nobody reads
      const option = name.replaceAll('_', '-');
      const theirs = values[name] ?? usual;
      const isFlag = typeof usual === 'boolean' || name === 'enforce_eager';
      const ours = isFlag ? server.isOn(option) : asVllmHasIt(server.value(option), usual, false);
      expect([option, String(ours)]).toEqual([option, String(isFlag ? theirs === true : theirs)]);
    }
  });
});

describe('what vLLM refuses of these options is refused', () => {
  const refused = CASES.filter((each) => 'refused' in each).filter(({ refused }) => isOurs(refused));

  it.each(refused)('$words: $refused', ({ words }) => {
    expect(() => vllm.read(['vllm', 'serve', ...words], {})).toThrow(DpsError);
  });

  it('which are many', () => {
    expect(refused.length).toBeGreaterThan(100);
  });
});

it.each(SAID.map((key) => GROUP_OPTIONS[key].name))('--%s is read with its value', (name) => {
  expect(readServer(['vllm', 'serve', 'M', `--${name}`, '1']).value(name)).toBe('1');
});

/** Whether the parser complains of an option that is read here; what it does not know is left to it. */
function isOurs(refusal: string): boolean {
  const [, named] = /argument --([a-z-]+)/.exec(refusal) ?? [];
  if (named !== undefined) return READ.includes(named) && !PASSED_OVER.includes(named);
  const [, candidates] = /ambiguous option: .* could match (.*)/.exec(refusal) ?? [];
  const longOf = (candidate: string) => SHORT_OPTIONS.get(candidate) ?? candidate.replace(/^--/, '');
  return candidates?.split(', ').some((candidate) => READ.includes(longOf(candidate))) === true;
}
