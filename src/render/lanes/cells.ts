import type { RankEvent } from '../../../streams/story.ts';
import type { Scale } from './axis.ts';

/** One character of a lane, and how it is to be seen. */
export interface Cell {
  readonly symbol: string;
  readonly look: Look;
}

/** `cause`: what ended the group. `consequence`: what came of it. `unknown`: nobody recorded it. */
export type Look = 'plain' | 'cause' | 'consequence' | 'unknown';

export interface Lane {
  readonly label: string;
  readonly cells: readonly Cell[];
  /** It holds the first cause. */
  readonly blamed: boolean;
}

/** Something to be put into a lane: of several in one column the weightiest is seen. */
export interface Mark extends Cell {
  readonly at: number;
  readonly weight: number;
}

/** A stretch of a lane in which nothing else happens. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly symbol: string;
}

/** Lays stretches, and marks over them, into columns. */
export function cellsOf(
  scale: Scale,
  stretches: readonly Stretch[],
  marks: readonly Mark[],
  causeAt: number,
  knownUntil: number,
): readonly Cell[] {
  const causeColumn = causeAt < scale.from ? -1 : causeAt > scale.to ? Infinity : scale.columnOf(causeAt);
  const cells = Array.from({ length: scale.columns }, (): Cell & { weight: number } => ({ ...BLANK, weight: -1 }));
  for (const { from, to, symbol } of stretches) {
    if (to < scale.from || from > scale.to) continue;
    const last = scale.columnOf(Math.min(to, scale.to));
    for (let column = scale.columnOf(from); column <= last; column += 1) {
      cells[column] = { symbol, look: column > causeColumn ? 'consequence' : 'plain', weight: -1 };
    }
  }
  if (knownUntil < scale.to) {
    for (let column = scale.columnOf(Math.max(knownUntil, scale.from)); column < scale.columns; column += 1) {
      cells[column] = { symbol: '?', look: 'unknown', weight: -1 };
    }
  }
  for (const mark of marks) {
    if (mark.at < scale.from || mark.at > scale.to) continue;
    const column = scale.columnOf(mark.at);
    if (mark.weight > (cells[column]?.weight ?? Infinity)) cells[column] = mark;
  }
  return cells.map(({ symbol, look }) => ({ symbol, look }));
}

const BLANK: Cell = { symbol: ' ', look: 'plain' };

/** The symbol of an event in its rank's lane, as in a scenario; null for what has a lane of its own. */
export function symbolOf({ kind, text }: RankEvent): string | null {
  switch (kind) {
    case 'started':
      return 's';
    case 'start-failed':
      return '#';
    case 'exited':
      return text.startsWith('SIG') ? 'k' : text === 'code 0' ? 'z' : 'x';
    case 'cleared':
      return '|';
    case 'healthy':
      return 'o';
    case 'unhealthy':
      return 'u';
    case 'unanswered':
      return text === 'timeout' ? 't' : text === 'refused' ? 'r' : 'e';
    case 'prober-fault':
      return 'p';
    case 'signalled':
    case 'killed':
      return null;
  }
}

/** How much an event matters when there is room for one only. */
export function weightOf({ kind, role }: RankEvent): number {
  return role === 'cause' ? WEIGHTS.length : WEIGHTS.indexOf(kind);
}

const WEIGHTS: readonly RankEvent['kind'][] = [
  'healthy',
  'started',
  'signalled',
  'cleared',
  'prober-fault',
  'unanswered',
  'unhealthy',
  'killed',
  'exited',
  'start-failed',
];
