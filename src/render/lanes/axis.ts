/** How time is laid out over the columns of a picture. Times are milliseconds since the start. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  /** The column of a time from `from` to `to`. */
  columnOf(at: number): number;
}

export function scaleOf(from: number, to: number, columns: number): Scale {
  const span = Math.max(to - from, SHORTEST_MS);
  const columnOf = (at: number) => Math.min(columns - 1, Math.max(0, Math.floor(((at - from) / span) * columns)));
  return { from, to: from + span, columns, columnOf };
}

/** The labels of the time axis, and below each a mark at its column. */
export function axisRows(scale: Scale): readonly [labels: string, marks: string] {
  const labels = Array.from({ length: scale.columns }, () => ' ');
  const marks = [...labels];
  const step = stepOf(scale);
  for (let at = Math.ceil(scale.from / step) * step; at <= scale.to; at += step) {
    const column = scale.columnOf(at);
    const label = at === 0 ? '0' : timeInWords(at);
    marks[column] = '|';
    if (column + label.length <= scale.columns) labels.splice(column, label.length, ...label);
  }
  return [labels.join(''), marks.join('')];
}

/** `250 ms`, `1.5 s`, `2 min 30 s`, `1 h 15 min`. */
export function timeInWords(ms: number): string {
  if (ms === 0) return '0 s';
  if (ms < SECOND) return `${trimmed(ms)} ms`;
  const [hours, minutes] = [Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE)];
  const seconds = trimmed((ms % MINUTE) / SECOND);
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, seconds && `${seconds} s`];
  return parts.filter(Boolean).join(' ');
}

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** One microsecond a column of a common terminal: nothing is measured finer. */
const SHORTEST_MS = 0.08;

/** Steps that people count in, in milliseconds. */
const STEPS = [
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 120, 240, 480].map((hours) => hours * HOUR),
];

/** Blanks between two labels, at the least. */
const APART = 2;

/** The shortest step whose labels leave each other room. */
function stepOf({ from, to, columns }: Scale): number {
  const perColumn = (to - from) / columns;
  const fits = STEPS.find((step) => {
    if ((to - from) / step > columns) return false;
    const first = Math.ceil(from / step) * step;
    const longest = Math.max(...[first, first + step, to - (to % step)].map((at) => timeInWords(at).length));
    return step / perColumn >= longest + APART;
  });
  return fits ?? to - from;
}

function trimmed(value: number): number {
  return Number(value.toFixed(3));
}
