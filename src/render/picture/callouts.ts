import { causeInWords } from '../words.ts';
import { type Frame, MARGIN, WIDTH } from './frame.ts';
import { WINDOW_NAMES } from './group-rows.ts';
import { element, escapeText, hover, shorten, tenth, widthOf } from './markup.ts';
import { exactTime, shortTime } from './time.ts';

/** Words over the lanes with a line down to the time that they speak of. */
export interface Callout {
  readonly style: 'cause' | 'deadline' | 'exit';
  readonly x: number;
  readonly words: string;
  readonly title: string;
  /** What it speaks of is later than all that is shown: there is no line. */
  readonly beyond: boolean;
}

export interface PlacedCallout extends Callout {
  /** From the lanes upwards, beginning with 0. */
  readonly row: number;
  readonly side: 'left' | 'right';
}

export const CALLOUT_ROW = 17;

/** The cause, the deadlines and the exit, as far as they are within what is shown. */
export function calloutsOf(frame: Frame): Callout[] {
  const { cause, windows, exit } = frame.story;
  const callouts: Callout[] = [];
  const add = (style: Callout['style'], at: number, text: string, title: string) =>
    callouts.push({
      style,
      x: frame.x(at),
      words: at > frame.to ? `${text} →` : shorten(text, LONGEST),
      title: `${title} ${exactTime(at)}`,
      beyond: at > frame.to,
    });
  if (cause !== null && frame.shows(cause.at)) {
    const words = causeInWords(cause.value);
    add('cause', cause.at, `cause: ${words}`, `${words}: at`);
  }
  for (const { phase, from, deadline } of windows) {
    const name = WINDOW_NAMES[phase];
    const isNear = from <= frame.to && deadline >= frame.from;
    if (isNear) add('deadline', deadline, `${name} until ${shortTime(deadline)}`, `deadline of the ${name}:`);
  }
  if (exit !== null && frame.shows(exit.at)) {
    add('exit', exit.at, `exit status ${exit.value.status}`, `exit status ${exit.value.status}: at`);
  }
  return callouts;
}

/**
 * Finds each a place in which it lies over no other, and no line passes through words.
 *
 * The earlier ones have their words left of their lines, the later ones right; where one reaches over the line of
 * another, it is above it. So any parting of the two will do, and the one is taken that needs least room.
 */
export function placeCallouts(callouts: readonly Callout[]): PlacedCallout[] {
  const byTime = [...callouts].sort((a, b) => a.x - b.x);
  const partings = Array.from({ length: byTime.length + 1 }, (_, count) => [
    ...stack(byTime.slice(0, count), 'left'),
    ...stack(byTime.slice(count).reverse(), 'right'),
  ]);
  return partings.reduce((best, parting) => (cost(parting) < cost(best) ? parting : best));
}

/** The lines, which lie under the marks of the lanes. */
export function calloutLines(placed: readonly PlacedCallout[], top: number, bottom: number): string[] {
  return placed
    .filter(({ beyond }) => !beyond)
    .map(({ style, x, row }) =>
      element('path', { class: `line ${style}`, d: `M${tenth(x)} ${top - (row + 1) * CALLOUT_ROW + 3}V${bottom}` }),
    );
}

export function calloutWords(placed: readonly PlacedCallout[], top: number): string[] {
  return placed.map(({ style, x, row, side, words, title }) => {
    const place = side === 'right' ? { x: x + GAP } : { x: x - GAP, 'text-anchor': 'end' };
    const y = top - row * CALLOUT_ROW - 5;
    return element('text', { class: `callout ${style}`, ...place, y }, hover(title), escapeText(words));
  });
}

/** Of a callout, in characters. */
const LONGEST = 80;
/** Between a line and its words. */
const GAP = 5;

/** Each above those whose lines it reaches over; they come in the order in which they must be stacked. */
function stack(callouts: readonly Callout[], side: PlacedCallout['side']): PlacedCallout[] {
  const placed: PlacedCallout[] = [];
  for (const callout of callouts) {
    const [from, to] = extentOf(callout, side);
    const below = placed.filter(({ x }) => x >= from && x <= to);
    placed.push({ ...callout, side, row: Math.max(-1, ...below.map(({ row }) => row)) + 1 });
  }
  return placed;
}

/** Rows that it takes; words that leave the picture are worse than any number of them. */
function cost(placed: readonly PlacedCallout[]): number {
  const outside = placed.map((callout) => {
    const [from, to] = extentOf(callout, callout.side);
    return Math.max(0, MARGIN - from) + Math.max(0, to - WIDTH);
  });
  return Math.max(0, ...placed.map(({ row }) => row)) + outside.reduce((sum, pixels) => sum + 100 * pixels, 0);
}

function extentOf({ x, words }: Callout, side: PlacedCallout['side']): [number, number] {
  const width = widthOf(words, 12) + 2 * GAP;
  return side === 'right' ? [x, x + width] : [x - width, x];
}
