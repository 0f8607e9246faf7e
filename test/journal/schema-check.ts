// Holds a journal against the schema that is shipped, line by line, and against what no schema can say.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JournalEntry, JournalHeader, JournalLine } from '../../streams/journal.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../schema/journal.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;

export const isJournalLine = new Ajv2020({ strict: true, allErrors: true, strictRequired: false }).compile(SCHEMA);

export interface Read {
  readonly header: JournalHeader;
  readonly entries: readonly JournalEntry[];
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
}

/**
 * Every line is valid, the header comes first and only there, no `seq` is missing but in a gap, and time never runs
 * backwards.
 *
 * @throws Error with what is wrong
 */
export function checkedLines(lines: readonly JournalLine[]): Read {
  for (const line of lines) {
    if (!isJournalLine(line)) throw new Error(`${JSON.stringify(line)}: ${JSON.stringify(isJournalLine.errors)}`);
  }
  const [first, ...rest] = lines;
  if (first === undefined || !('header' in first)) throw new Error('there is no header');
  const [entries, gaps] = [[] as JournalEntry[], [] as { from: number; to: number }[]];
  let next = 1;
  let now = 0;
  for (const line of rest) {
    if ('header' in line) throw new Error('there is another header');
    const [from, to] = 'gap' in line ? [line.gap.from, line.gap.to] : [line.seq, line.seq];
    if (from !== next || to < from) throw new Error(`${JSON.stringify(line)} in place of entry ${next}`);
    next = to + 1;
    if ('gap' in line) {
      gaps.push(line.gap);
      continue;
    }
    if (line.t < now) throw new Error(`${JSON.stringify(line)} after ${now} ms`);
    now = line.t;
    entries.push(line);
  }
  return { header: first.header, entries, gaps };
}

/** The same of a file's text. */
export function checked(text: string): Read {
  if (!text.endsWith('\n')) throw new Error('the last line is cut off');
  const lines = text.slice(0, -1).split('\n');
  return checkedLines(lines.map((line) => JSON.parse(line) as JournalLine));
}

export const checkedFile = (path: string) => checked(readFileSync(path, 'utf8'));
