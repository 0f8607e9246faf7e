import type { Story, Window } from '../../../streams/story.ts';
import { type Frame, LEFT, MARGIN, RIGHT } from './frame.ts';
import { causeRing } from './lane.ts';
import { element, escapeText, fitting, hover, shorten, tenth, widthOf } from './markup.ts';
import { exactTime } from './time.ts';

export const ROW = 24;

/** What concerns the group as a whole: readiness, what the supervisor was sent, the windows of the ending. */
export function groupRows(frame: Frame, top: number): readonly string[] {
  const { signals, windows } = frame.story;
  const rows = [readinessRow];
  if (signals.some(({ at }) => frame.shows(at))) rows.push(signalsRow);
  if (windows.some((window) => isShown(window, frame))) rows.push(windowsRow);
  return rows.map((row, index) => row(frame, top + index * ROW));
}

/** How the windows are called. */
export const WINDOW_NAMES: Readonly<Record<Window['phase'], string>> = {
  draining: 'drain delay',
  stopping: 'grace',
  killing: 'kill wait',
};

/** Shades from top to bottom for as long as each window lasted. */
export function windowShades(frame: Frame, top: number, bottom: number): string[] {
  return frame.story.windows
    .filter((window) => isShown(window, frame))
    .map(({ phase, from, to }) => {
      const [x1, x2] = [frame.x(from), frame.x(to)];
      return element('rect', { class: `shade ${phase}`, x: x1, y: top, width: x2 - x1, height: bottom - top });
    });
}

function readinessRow(frame: Frame, top: number): string {
  const { readiness } = frame.story;
  const last = frame.story.exit?.at ?? frame.story.end;
  const bands = readiness.flatMap(({ at, value }, index) => {
    const until = readiness[index + 1]?.at ?? last;
    if (until < frame.from || at > frame.to) return [];
    const [x1, x2] = [frame.x(at), frame.x(until)];
    const words = value ? 'ready' : 'not ready';
    const title = hover(`${words} from ${exactTime(at)} until ${exactTime(until)}`);
    const [height, style] = value ? [14, 'ready'] : [4, 'unready'];
    const y = top + (ROW - height) / 2;
    const band = element('rect', { class: style, x: x1, y, width: Math.max(x2 - x1, 1), height }, title);
    const fits = value && widthOf(words, 11) < x2 - x1;
    return fits ? [band, element('text', { class: 'in-band', x: (x1 + x2) / 2, y: top + 16 }, words)] : [band];
  });
  return nameOf('readiness', top) + bands.join('');
}

/** A flag each; its name beside it, and one name for those that stand too near to have their own. */
function signalsRow(frame: Frame, top: number): string {
  const shown = frame.story.signals.filter(({ at }) => frame.shows(at));
  const middle = top + ROW / 2;
  const flags = shown.map(({ at, value }) =>
    element(
      'path',
      { class: 'flag', d: `M${tenth(frame.x(at))} ${middle + 7}v-14l8 4l-8 4` },
      hover(`${exactTime(at)}: the supervisor received ${value}`),
    ),
  );
  const isCause = (at: number) => at === frame.story.cause?.at && groupIsAsked(frame.story);
  const rings = shown.filter(({ at }) => isCause(at)).slice(0, 1);
  return [
    nameOf('received', top),
    ...flags,
    ...rings.map(({ at }) => causeRing(frame.x(at) + 2, middle)),
    ...signalNames(frame, middle),
  ].join('');
}

function signalNames(frame: Frame, middle: number): string[] {
  const groups: { x: number; names: string[] }[] = [];
  for (const { at, value } of frame.story.signals.filter(({ at }) => frame.shows(at))) {
    const x = frame.x(at);
    const last = groups.at(-1);
    if (last !== undefined && x - last.x < widthOf(last.names.join(', '), 11) + 24) last.names.push(value);
    else groups.push({ x, names: [value] });
  }
  return groups.map(({ x, names }, index) => {
    const words = names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
    const atEnd = x + 14 + widthOf(words, 11) > RIGHT + 100;
    const room = atEnd ? x - LEFT - 10 : (groups[index + 1]?.x ?? RIGHT + 110) - x - 16;
    const place = atEnd ? { x: x - 8, 'text-anchor': 'end' } : { x: x + 14 };
    return element('text', { class: 'signal', ...place, y: middle + 4 }, escapeText(shorten(words, fitting(room, 11))));
  });
}

function windowsRow(frame: Frame, top: number): string {
  const bars = frame.story.windows
    .filter((window) => isShown(window, frame))
    .map(({ phase, from, to, deadline }) => {
      const [x1, x2] = [frame.x(from), frame.x(to)];
      const title = `${WINDOW_NAMES[phase]} from ${exactTime(from)} until ${exactTime(to)}; its deadline is ${exactTime(deadline)}`;
      const width = Math.max(x2 - x1, 1.5);
      const bar = element('rect', { class: `window ${phase}`, x: x1, y: top + 5, width, height: 14 }, hover(title));
      const name = WINDOW_NAMES[phase];
      const fits = widthOf(name, 11) < x2 - x1;
      return fits ? bar + element('text', { class: 'in-band', x: (x1 + x2) / 2, y: top + 16 }, name) : bar;
    });
  return nameOf('ending', top) + bars.join('');
}

function isShown({ from, to }: Window, frame: Frame): boolean {
  return to >= frame.from && from <= frame.to;
}

/** It ended by something that the supervisor itself was told, which stands in this row. */
function groupIsAsked({ cause }: Story): boolean {
  const kind = cause?.value.kind;
  return kind === 'signal' || kind === 'stop-requested' || kind === 'listener-failed' || kind === 'fault';
}

function nameOf(name: string, top: number): string {
  return element('text', { class: 'name', x: LEFT - MARGIN + 6, y: top + ROW / 2 + 4 }, name);
}
