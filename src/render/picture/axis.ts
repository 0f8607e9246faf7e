import { type Frame, LEFT, MARGIN, RIGHT } from './frame.ts';
import { element, tenth } from './markup.ts';
import { ticksOf } from './time.ts';

/** Faint lines at round times. */
export function gridLines(frame: Frame, top: number, bottom: number): string {
  const { list } = ticksOf(frame.from, frame.to, MOST);
  const path = list.map(({ at }) => `M${tenth(frame.x(at))} ${top}V${bottom}`).join('');
  return path === '' ? '' : element('path', { class: 'grid', d: path });
}

/** The times themselves, and how to read them. */
export function timeLabels(frame: Frame, y: number): string {
  const { list, unit } = ticksOf(frame.from, frame.to, MOST);
  return [
    element('text', { class: 'unit', x: MARGIN, y }, unit === '' ? 'time' : `time, ${unit}`),
    ...list.map(({ at, label }) => element('text', { class: 'tick', x: frame.x(at), y }, label)),
  ].join('');
}

/** Labels must not touch each other. */
const MOST = Math.floor((RIGHT - LEFT) / 80);
