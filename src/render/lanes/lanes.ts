import type { RankStory, Story } from '../../../streams/story.ts';
import { causeInWords } from '../words.ts';
import { axisRows, scaleOf, type Scale } from './axis.ts';
import type { Cell, Lane, Look } from './cells.ts';
import { groupLanes } from './group-lanes.ts';
import { legend } from './legend.ts';
import { rankLanes } from './rank-lanes.ts';

export interface LaneOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Whether to write the escape codes of colours. */
  readonly colours: boolean;
  /** What to cut away: milliseconds since the start. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** The ranks to show; all when it is not given. */
  readonly ranks?: readonly number[] | undefined;
  /** From here on nobody knows what would have happened, in milliseconds. */
  readonly knownUntil?: number | undefined;
}

/**
 * Draws a story as aligned marble lanes: a time axis, a lane for each rank, and the lanes of the group. The
 * first cause is marked with `>` and `^`, in colours or without. No line is wider than the terminal, unless
 * that is too narrow for any picture.
 */
export function renderLanes(story: Story, options: LaneOptions): readonly string[] {
  const { from = 0, to = story.end, knownUntil = Infinity } = options;
  const shown =
    options.ranks === undefined ? story.ranks : story.ranks.filter(({ rank }) => options.ranks?.includes(rank));
  const labelled = GUTTER + labelWidth(shown) + 2;
  const scale = scaleOf(from, Math.max(from, to), Math.max(options.width - labelled, NARROWEST));

  const ranks = rankLanes(story, shown, scale, knownUntil);
  const group = groupLanes(story, scale, knownUntil);
  const row = ({ label, blamed, cells }: Lane) =>
    `${blamed ? '>' : ' '} ${label.padEnd(labelled - GUTTER)}${painted(cells, options.colours)}`.trimEnd();
  const plain = (label: string, text: string) => `  ${label.padEnd(labelled - GUTTER)}${text}`.trimEnd();

  const [labels, marks] = axisRows(scale);
  return [
    plain('time', labels),
    plain('', marks),
    ...ranks.map(row),
    ...group.map(row),
    ...causeRow(story, scale, options, (text) => plain('cause', text)),
    '',
    ...legend(ranks, group, options.width - GUTTER).map((line) => `  ${line}`),
  ];
}

/** For the mark at the lane of the first cause. */
const GUTTER = 2;

/** Columns below which there is nothing to see. */
const NARROWEST = 16;

function labelWidth(ranks: readonly RankStory[]): number {
  const last = String(Math.max(0, ...ranks.map(({ rank }) => rank)));
  return Math.max('SIGTERM'.length, ranks.length > NARROWEST ? `ranks ${last}-${last}`.length : `rank ${last}`.length);
}

/** Points at the time of the first cause, and says it where there is room. */
function causeRow(
  { cause }: Story,
  scale: Scale,
  { colours }: LaneOptions,
  plain: (text: string) => string,
): readonly string[] {
  if (cause === null || cause.at < scale.from || cause.at > scale.to) return [];
  const column = scale.columnOf(cause.at);
  const words = causeInWords(cause.value);
  const behind = scale.columns - column - 2;
  const paint = (text: string) => (colours ? coloured(text, 'cause') : text);
  if (words.length <= behind) return [plain(`${' '.repeat(column)}${paint(`^ ${words}`)}`)];
  if (words.length + 1 <= column) return [plain(`${' '.repeat(column - words.length - 1)}${paint(`${words} ^`)}`)];
  return [plain(`${' '.repeat(column)}${paint('^')}`)];
}

const ESCAPES: Readonly<Record<Look, string>> = { plain: '', cause: '1;31', consequence: '90', unknown: '33' };

function painted(cells: readonly Cell[], colours: boolean): string {
  if (!colours) return cells.map(({ symbol }) => symbol).join('');
  let text = '';
  let run = '';
  let look: Look = 'plain';
  for (const cell of cells) {
    if (cell.look !== look) {
      text += coloured(run, look);
      run = '';
      look = cell.look;
    }
    run += cell.symbol;
  }
  return text + coloured(run, look);
}

function coloured(text: string, look: Look): string {
  return ESCAPES[look] === '' || text.trim() === '' ? text : `\u001b[${ESCAPES[look]}m${text}\u001b[0m`;
}
