import type { JournalEntry } from '../../streams/journal.ts';
import type { Divergence } from '../../streams/replay.ts';

/** The first divergence of a replay, with the recorded entries around it. */
export interface Neighbourhood {
  readonly before: readonly JournalEntry[];
  readonly divergence: Divergence;
  readonly after: readonly JournalEntry[];
}

/** The recorded entries in one column and, where the two part, what was replayed in another. */
export function divergenceInWords({ before, divergence, after }: Neighbourhood): readonly string[] {
  const { recorded, replayed } = divergence;
  const rows = [
    ...before.map((entry) => row(' ', entry, '')),
    [
      '>',
      recorded === null ? '' : String(recorded.seq),
      recorded === null ? 'nothing' : entryInWords(recorded),
      replayed === null ? 'nothing' : `${timeOf(replayed.t)}  ${inWords(replayed.command)}`,
    ],
    ...after.map((entry) => row(' ', entry, '')),
  ];
  const [seqs, texts] = [1, 2].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const where = recorded === null ? 'behind the last entry' : `at entry ${recorded.seq}`;
  const head = `  ${' '.repeat(seqs ?? 0)}  ${'recorded'.padEnd(texts ?? 0)}  replayed`;
  return [
    `different: the replay parts from the recording ${where}`,
    '',
    head,
    ...rows.map(([mark = '', seq = '', text = '', other = '']) =>
      `${mark} ${seq.padStart(seqs ?? 0)}  ${text.padEnd(texts ?? 0)}  ${other}`.trimEnd(),
    ),
  ];
}

function row(mark: string, entry: JournalEntry, replayed: string): string[] {
  return [mark, String(entry.seq), entryInWords(entry), replayed];
}

function entryInWords(entry: JournalEntry): string {
  return `${timeOf(entry.t)}  ${inWords('fact' in entry ? entry.fact : entry.command)}`;
}

/** Its type and its fields: `RankExited rank=1 code=17`. */
function inWords(said: object): string {
  return Object.entries(said)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => (name === 'type' ? String(value) : `${name}=${fieldInWords(value)}`))
    .join(' ');
}

function fieldInWords(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'kind' in value) return String(value.kind);
  return typeof value === 'string' && /^[\w.-]+$/.test(value) ? value : JSON.stringify(value);
}

function timeOf(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}
