import type { JournalEntry } from '../../streams/journal.ts';
import type { Divergence } from '../../streams/replay.ts';

/** The first divergence of a replay, with the recorded entries around it. */
export interface Neighbourhood {
  readonly before: readonly JournalEntry[];
  readonly divergence: Divergence;
  readonly after: readonly JournalEntry[];
}

/** The recorded entries, one below the other; where the two part, `-` is what was recorded and `+` what was replayed. */
export function divergenceInWords({ before, divergence, after }: Neighbourhood): readonly string[] {
  const { recorded, replayed } = divergence;
  const rows = [
    ...before.map((entry) => row(' ', entry)),
    recorded === null ? ['-', '', 'nothing'] : row('-', recorded),
    ['+', '', replayed === null ? 'nothing' : `${timeOf(replayed.t)}  ${inWords(replayed.command)}`],
    ...after.map((entry) => row(' ', entry)),
  ];
  const seqWidth = Math.max(...rows.map(([, seq = '']) => seq.length));
  const where = recorded === null ? 'behind the last entry' : `at entry ${recorded.seq}`;
  return [
    `different: the replay (+) parts from the recording (-) ${where}`,
    '',
    ...rows.map(([mark = '', seq = '', text = '']) => `${mark} ${seq.padStart(seqWidth)}  ${text}`),
  ];
}

function row(mark: string, entry: JournalEntry): string[] {
  return [mark, String(entry.seq), entryInWords(entry)];
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
