import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DpsError } from '../../src/errors.ts';
import { beforeGap, readJournal, type Seen } from '../../src/journal/read.ts';
import { checked } from '../journal/schema-check.ts';
import { HEALTHY, journalText, policyOf, record } from './world.ts';

const policy = policyOf(2);
const entries = record({ policy, ranks: [HEALTHY, HEALTHY], outside: [], until: 12_000 });
const whole = journalText(policy, entries);
const lines = whole.split('\n');
let folder = '';

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'read-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'a.ndjson');
  writeFileSync(path, text);
  return path;
}

/** What the reader has against a text, without the path. */
function refusal(text: string): string {
  try {
    for (const line of readJournal(file(text)).lines()) void line;
  } catch (error) {
    if (!(error instanceof DpsError)) throw error;
    expect(error.status).toBe(2);
    expect(error.message).not.toContain('\n');
    return error.message.replaceAll(`${folder}/`, '');
  }
  return expect.fail('it was read');
}

const replaced = (index: number, line: string) => lines.map((text, at) => (at === index ? line : text)).join('\n');

describe('a journal', () => {
  it('is read as it was written', () => {
    expect(checked(whole).entries).toEqual(entries);
    const seen: Partial<Seen> = {};
    expect([...readJournal(file(whole)).lines(seen)]).toEqual(entries);
    expect(seen).toEqual({ entries: entries.length, cutOff: false, last: entries.at(-1)?.t });
  });

  it('can be longer than what is held of it at once', () => {
    const long = record({ policy, ranks: [HEALTHY, HEALTHY], outside: [], until: 12_000_000 });
    const text = journalText(policy, long);
    expect(text.length).toBeGreaterThan(600_000);
    expect([...readJournal(file(text)).lines()]).toEqual(long);
  });

  it('may be cut off in its last line, at any place of it', () => {
    const last = lines.at(-2)?.length ?? 0;
    for (let cut = 2; cut <= last; cut += 1) {
      const seen: Partial<Seen> = {};
      const read = [...readJournal(file(whole.slice(0, -cut))).lines(seen)];
      expect([read.length, seen.cutOff]).toEqual([entries.length - 1, true]);
    }
  });

  it('may have lost no more than its last newline', () => {
    const seen: Partial<Seen> = {};
    expect([...readJournal(file(whole.slice(0, -1))).lines(seen)]).toEqual(entries);
    expect(seen.cutOff).toBe(false);
  });

  it('may have a gap, and is replayed up to it', () => {
    const gap = { gap: { from: 5, to: 8 } };
    const path = file([...lines.slice(0, 5), JSON.stringify(gap), ...lines.slice(9)].join('\n'));
    const read = [...readJournal(path).lines()];
    expect(read).toEqual([...entries.slice(0, 4), gap, ...entries.slice(8)]);
    expect([...beforeGap(readJournal(path).lines())]).toEqual(entries.slice(0, 4));
  });

  it.each([
    ['nothing at all', '', 'a.ndjson: line 1: expected the header of a journal, got nothing'],
    ['something else', 'hello\n', 'a.ndjson: line 1: expected the header of a journal, {"v":1,"header":{...}}'],
    [
      'a newer format',
      `${JSON.stringify({ v: 2, header: {} })}\n`,
      'a.ndjson: line 1: this is a journal of format version 2; this dp-supervisor reads up to version 1',
    ],
    [
      'a header without a policy',
      '{"v":1,"header":{"version":"1","startedAt":"x","ranks":[]}}\n',
      'a.ndjson: line 1: the header is not whole, or its policy cannot be: expected version, startedAt, policy and ranks',
    ],
    ['a line that is no JSON', replaced(3, '{"seq":3,'), 'a.ndjson: line 4: it is not JSON'],
    ['an empty line', replaced(3, ''), 'a.ndjson: line 4: it is not JSON'],
    ['a number', replaced(3, '7'), 'a.ndjson: line 4: expected a JSON object'],
    [
      'an entry of nothing',
      replaced(3, '{"seq":3,"t":1}'),
      'a.ndjson: line 4: expected an entry with a "fact" or a "command"',
    ],
    [
      'more ranks than can be replayed',
      journalText(policyOf(4_097), []),
      'a.ndjson: line 1: the header is not whole, or its policy cannot be: expected version, startedAt, policy and ranks',
    ],
    [
      'a grace that no timer could wait for',
      journalText(policyOf(2, { exitGraceMs: 1e10 }), []),
      'a.ndjson: line 1: the header is not whole, or its policy cannot be: expected version, startedAt, policy and ranks',
    ],
    [
      'a time without end',
      replaced(3, '{"seq":3,"t":1e400}'),
      'a.ndjson: line 4: expected an entry with "seq" and "t"',
    ],
    [
      'a time beyond reason',
      replaced(3, '{"seq":3,"t":1e15}'),
      'a.ndjson: line 4: expected an entry with "seq" and "t"',
    ],
    [
      'a type as long as a book',
      replaced(3, `{"seq":3,"t":1,"fact":{"type":"${'x'.repeat(100_000)}"}}`),
      `a.ndjson: line 4: there is no fact of type "${'x'.repeat(79)}...`,
    ],
    ['no time', replaced(3, '{"seq":3}'), 'a.ndjson: line 4: expected an entry with "seq" and "t"'],
    [
      'an unknown fact',
      replaced(3, '{"seq":3,"t":1,"fact":{"type":"RankDreamt"}}'),
      'a.ndjson: line 4: there is no fact of type "RankDreamt"',
    ],
    [
      'a fact that is not whole',
      replaced(3, '{"seq":3,"t":1,"fact":{"type":"RankExited","rank":1}}'),
      'a.ndjson: line 4: the fact RankExited is not whole',
    ],
    [
      'a command named like what every object has',
      replaced(3, '{"seq":3,"t":1,"command":{"type":"constructor"}}'),
      'a.ndjson: line 4: there is no command of type "constructor"',
    ],
    [
      'a missing entry',
      [...lines.slice(0, 3), ...lines.slice(4)].join('\n'),
      'a.ndjson: line 4: expected entry 3, got 4: entries are missing or mixed up',
    ],
    [
      'time that runs backwards',
      replaced(lines.length - 2, JSON.stringify({ ...entries.at(-1), t: 0.5 })),
      /^a\.ndjson: line \d+: time runs backwards: 0\.5 ms after 10\d+ ms$/,
    ],
  ])('is refused in one line when it holds %s', (_what, text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('that is not there is refused in one line', () => {
    expect(() => readJournal(join(folder, 'none.ndjson'))).toThrow(/^cannot read the recording: ENOENT/);
  });

  it('that is a folder is refused in one line', () => {
    expect(() => readJournal(folder)).toThrow(`cannot read the recording: expected a file or a pipe, got ${folder}`);
  });
});
