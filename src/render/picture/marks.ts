import type { RankEventKind } from '../../../streams/story.ts';
import { tenth } from './markup.ts';

/**
 * The shapes, drawn around the middle of a lane's bar. What is wrong differs in shape, so that nobody needs to see
 * colours: a diamond for an answer that was not 200, a cross for none, an empty square for the prober's own fault.
 * Relative paths of straight lines, because those can be made smaller number by number.
 */
export const SHAPES = {
  unhealthy: 'm0-5l4.5 5l-4.5 5l-4.5-5z',
  unanswered: 'm-3.5-3.5l7 7m0-7l-7 7',
  'prober-fault': 'm-3.5-3.5h7v7h-7z',
  'start-failed': 'm-5-2l3-3h4l3 3v4l-3 3h-4l-3-3zm1.5 5.5l7-7',
  exited: 'm0-9v18',
  cleared: 'm0-6v12',
  signalled: 'm-4-13h8l-4 7z',
  killed: 'm-5-14h10l-5 8zm0 8.5h10',
} as const satisfies Partial<Record<RankEventKind, string>>;

export type ShapedKind = keyof typeof SHAPES;

export function isShaped(kind: RankEventKind): kind is ShapedKind {
  return kind in SHAPES;
}

/** One path with a shape at each of the places. */
export function shapesAt(kind: ShapedKind, places: readonly number[], y: number, scale = 1): string {
  const shape = SHAPES[kind].replace(/-?\d+(\.\d+)?/g, (number) => String(tenth(Number(number) * scale)));
  return places.map((x) => `M${tenth(x)} ${tenth(y)}${shape}`).join('');
}

/** What stands beside the mark in the legend. */
export const MARK_NAMES: Readonly<Record<Exclude<RankEventKind, 'started'>, string>> = {
  healthy: 'answered 200',
  unhealthy: 'answered otherwise',
  unanswered: 'no answer',
  'prober-fault': "prober's own fault",
  'start-failed': 'could not be started',
  exited: 'leader left',
  cleared: 'nothing is left',
  signalled: 'asked to leave',
  killed: 'SIGKILL',
};
