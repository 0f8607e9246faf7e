/** A time or duration for reading: `5.003214 s`, `23 h 59 min 31.2 s`. Exact to the microsecond. */
export function exactTime(ms: number): string {
  const { hours, minutes, seconds } = partsOf(ms);
  const parts = [hours > 0 ? `${hours} h` : '', hours > 0 || minutes > 0 ? `${minutes} min` : '', `${seconds} s`];
  return parts.filter((part) => part !== '').join(' ');
}

/** The same to the millisecond, where there is little room. */
export function shortTime(ms: number): string {
  return exactTime(Math.round(ms));
}

/** `1.2 s`, or `1.2 s to 3.4 s` when it took any time. */
export function exactSpan(from: number, to: number): string {
  return from === to ? exactTime(from) : `${exactTime(from)} to ${exactTime(to)}`;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Ticks {
  readonly list: readonly Tick[];
  /** How the labels are to be read. */
  readonly unit: string;
}

/**
 * Round times between two, all of them one step apart.
 *
 * @param from ms; `to` is later
 * @param most how many there is room for
 */
export function ticksOf(from: number, to: number, most: number): Ticks {
  const step = STEPS.find((candidate) => (to - from) / candidate <= most) ?? Math.ceil((to - from) / most / DAY) * DAY;
  const write = writerFor(to, step);
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  const list = Array.from({ length: Math.max(0, count) }, (_, index) => {
    const at = (first + index) * step;
    return { at, label: write.label(at) };
  });
  return { list, unit: write.unit };
}

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Steps that are easy to count in, in milliseconds. */
const STEPS: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1, 10, 100].flatMap((unit) => [unit, 2 * unit, 5 * unit]),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10].map((count) => count * DAY),
];

function writerFor(to: number, step: number): { readonly unit: string; label(at: number): string } {
  const decimals = step >= SECOND ? 0 : Math.ceil(-Math.log10(step / SECOND) - 1e-9);
  const clock = (at: number) => {
    const { hours, minutes, seconds } = partsOf(at);
    const [whole = '', fraction] = seconds.toFixed(decimals).split('.');
    return { hours, minutes: two(minutes), seconds: `${two(whole)}${fraction === undefined ? '' : `.${fraction}`}` };
  };
  if (to < MINUTE) return { unit: '', label: (at) => `${(at / SECOND).toFixed(decimals)} s` };
  if (to < HOUR) {
    return { unit: 'min:s', label: (at) => `${partsOf(at).minutes}:${clock(at).seconds}` };
  }
  if (step % MINUTE === 0) return { unit: 'h:min', label: (at) => `${clock(at).hours}:${clock(at).minutes}` };
  return {
    unit: 'h:min:s',
    label: (at) => `${clock(at).hours}:${clock(at).minutes}:${clock(at).seconds}`,
  };
}

const two = (value: number | string) => String(value).padStart(2, '0');

function partsOf(ms: number): { hours: number; minutes: number; seconds: number } {
  const microseconds = Math.round(ms * 1_000);
  const inMinute = microseconds % (MINUTE * 1_000);
  return {
    hours: Math.floor(microseconds / (HOUR * 1_000)),
    minutes: Math.floor(microseconds / (MINUTE * 1_000)) % 60,
    seconds: inMinute / 1_000_000,
  };
}
