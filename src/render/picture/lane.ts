import type { RankEvent, RankStory } from '../../../streams/story.ts';
import { runInWords } from './event-words.ts';
import { type Frame, LEFT, MARGIN, RIGHT, WIDTH } from './frame.ts';
import { element, escapeText, fitting, hover, shorten } from './markup.ts';
import { isShaped, shapesAt } from './marks.ts';
import { processBar } from './process-bar.ts';
import { type Run, runsOf } from './runs.ts';
import { exactSpan } from './time.ts';
import { blamedRanks, howItLeft } from './verdict-words.ts';

/** The ground of a rank's lane, under everything: the lanes of ranks that the cause names are tinted. */
export function laneGround(lane: RankStory, frame: Frame, top: number): string {
  const bottom = top + frame.laneHeight;
  return isBlamed(lane, frame)
    ? element('rect', { class: 'blamed ground', y: top, width: WIDTH, height: frame.laneHeight })
    : element('path', { class: 'ground', d: `M${MARGIN} ${bottom}H${WIDTH - MARGIN}` });
}

/** What lies under the lines of time: the processes of the rank. */
export function laneProcesses(lane: RankStory, frame: Frame, top: number): string {
  return processBar(lane, frame, middleOf(frame, top));
}

/** What lies over them: its name, what its probes brought, what it was sent, and how it left. */
export function laneMarks(lane: RankStory, frame: Frame, top: number): string {
  const middle = middleOf(frame, top);
  const left = howItLeft(lane, frame.story);
  return element(
    'g',
    isBlamed(lane, frame) ? { class: 'blamed' } : {},
    element('text', { class: 'name', x: LEFT - 10, y: middle + 4 }, `rank ${lane.rank}`),
    ...marksOf(lane, frame, middle),
    element('text', { class: 'left', x: RIGHT + 10, y: middle + 4 }, hover(left), escapeText(shorten(left, LEFT_FITS))),
  );
}

function isBlamed({ rank }: RankStory, { story }: Frame): boolean {
  return blamedRanks(story.cause?.value).includes(rank);
}

/** Of the bar of processes; a little low, because signals come from above. */
function middleOf({ laneHeight }: Frame, top: number): number {
  return top + Math.round(laneHeight * 0.6);
}

const LEFT_FITS = fitting(106, 11);

/** How near marks of a kind may come before they are drawn as one, in pixels. */
const NEAR = 5;
/** Healthy answers are the many; where there are many lanes as well, they become lines earlier. */
const NEAR_HEALTHY_OF_MANY = 12;

function marksOf({ rank, events }: RankStory, frame: Frame, middle: number): string[] {
  const { msPerPixel, lanes } = frame;
  const nearHealthy = lanes.length > 16 ? NEAR_HEALTHY_OF_MANY : NEAR;
  const near = (kind: RankEvent['kind']) => msPerPixel * (kind === 'healthy' ? nearHealthy : NEAR);
  const shown = events.filter(({ at, kind }) => frame.shows(at) && kind !== 'started');
  const runs = runsOf(shown, near);
  // What is wrong lies over what is well.
  const healthy = runs.filter(({ kind }) => kind === 'healthy');
  const others = runs.filter(({ kind }) => kind !== 'healthy');
  return [
    ...healthy.map((run) => drawHealthy(run, rank, frame, middle)),
    ...others.map((run) => drawShapes(run, rank, frame, middle)),
    ...runs.filter(({ role }) => role === 'cause').map(({ from }) => causeRing(frame.x(from), middle)),
  ];
}

/** Marks the one event that ended the group. */
export function causeRing(x: number, y: number): string {
  return element('circle', { class: 'ring', cx: x, cy: y, r: 8.5 });
}

function drawHealthy(run: Run, rank: number, frame: Frame, middle: number): string {
  const [x1, x2] = [frame.x(run.from), frame.x(run.to)];
  const style = classOf(run);
  return run.count === 1
    ? element('circle', { class: style, cx: x1, cy: middle, r: 1.6 }, hoverOf(run, rank))
    : element('path', { class: `${style} run`, d: `M${x1.toFixed(1)} ${middle}H${x2.toFixed(1)}` }, hoverOf(run, rank));
}

function drawShapes(run: Run, rank: number, frame: Frame, middle: number): string {
  if (!isShaped(run.kind)) return '';
  const scale = frame.laneHeight < 20 ? 0.75 : 1;
  const places = run.marks.map((at) => frame.x(at));
  return element('path', { class: classOf(run), d: shapesAt(run.kind, places, middle, scale) }, hoverOf(run, rank));
}

function classOf({ kind, role }: Run): string {
  return role === 'normal' ? kind : `${kind} ${role}`;
}

function hoverOf(run: Run, rank: number): string {
  const count = run.count === 1 ? '' : `, ${run.count} events`;
  const role = run.role === 'normal' ? '' : ` (${run.role})`;
  return hover(`rank ${rank}, ${exactSpan(run.from, run.to)}${count}: ${runInWords(run)}${role}`);
}
