import type { RankEventKind } from '../../../streams/story.ts';
import { type Frame, MARGIN, WIDTH } from './frame.ts';
import { causeRing } from './lane.ts';
import { element, escapeText, widthOf } from './markup.ts';
import { isShaped, MARK_NAMES, shapesAt } from './marks.ts';

export const LEGEND_ROW = 20;

interface Entry {
  readonly name: string;
  /** Draws the sample around a place. */
  sample(x: number, y: number): string;
}

interface PlacedEntry extends Entry {
  readonly x: number;
  readonly row: number;
}

/** What the shapes mean: those that are in this picture, side by side in as many rows as they need. */
export function legendOf(frame: Frame): { readonly rows: number; draw(top: number): string } {
  const entries = [...processEntries(frame), ...markEntries(frame), ...roleEntries(frame)];
  const placed: PlacedEntry[] = [];
  let [x, row] = [MARGIN, 0];
  for (const entry of entries) {
    const width = SAMPLE + widthOf(entry.name, 11) + 10;
    if (x + width > WIDTH - MARGIN) [x, row] = [MARGIN, row + 1];
    placed.push({ ...entry, x, row });
    x += width;
  }
  return {
    rows: entries.length === 0 ? 0 : row + 1,
    draw: (top) => element('g', { class: 'legend' }, ...placed.map((entry) => drawEntry(entry, top))),
  };
}

/** Room for a sample and the gap behind it, in pixels. */
const SAMPLE = 26;

function drawEntry({ name, x, row, sample }: PlacedEntry, top: number): string {
  const middle = top + row * LEGEND_ROW + LEGEND_ROW / 2;
  return sample(x + 9, middle) + element('text', { x: x + SAMPLE - 3, y: middle + 4 }, escapeText(name));
}

function processEntries({ lanes }: Frame): Entry[] {
  const box = (style: string) => (x: number, y: number) =>
    element('rect', { class: style, x: x - 9, y: y - 5, width: 18, height: 10 });
  const outlives = lanes.some(({ events }) => {
    const [left, gone] = (['exited', 'cleared'] as const).map(
      (kind) => events.find((event) => event.kind === kind)?.at,
    );
    return left !== undefined && gone !== left;
  });
  return [
    { name: 'leader runs', sample: box('process') },
    ...(outlives ? [{ name: 'outlives its leader', sample: box('outlived') }] : []),
  ];
}

function markEntries(frame: Frame): Entry[] {
  const shown = new Set(
    frame.lanes.flatMap(({ events }) => events.filter(({ at }) => frame.shows(at)).map(({ kind }) => kind)),
  );
  return KINDS.filter((kind) => shown.has(kind)).map((kind) => ({
    name: MARK_NAMES[kind],
    sample: (x, y) => sampleOf(kind, x, y),
  }));
}

function sampleOf(kind: RankEventKind, x: number, y: number): string {
  if (!isShaped(kind))
    return HEALTHY_SAMPLE.map((dx) => element('circle', { class: kind, cx: x + dx, cy: y, r: 1.6 })).join('');
  const lower = kind === 'signalled' || kind === 'killed' ? 10 : 0;
  return element('path', { class: kind, d: shapesAt(kind, [x], y + lower) });
}

function roleEntries({ story }: Frame): Entry[] {
  if (story.cause === null) return [];
  return [
    { name: 'the cause', sample: (x, y) => causeRing(x, y) },
    {
      name: 'pale: consequence',
      sample: (x, y) => element('path', { class: 'exited consequence', d: shapesAt('exited', [x], y, 0.7) }),
    },
  ];
}

const KINDS = [
  'healthy',
  'unhealthy',
  'unanswered',
  'prober-fault',
  'start-failed',
  'signalled',
  'killed',
  'exited',
  'cleared',
] as const satisfies readonly (keyof typeof MARK_NAMES)[];
const HEALTHY_SAMPLE = [-5, 0, 5];
