import type { Story } from '../../../streams/story.ts';
import { gridLines, timeLabels } from './axis.ts';
import { CALLOUT_ROW, calloutLines, calloutsOf, calloutWords, placeCallouts } from './callouts.ts';
import { describe, noteOf } from './description.ts';
import { type Frame, frameOf, MARGIN, type PictureOptions, RIGHT, WIDTH } from './frame.ts';
import { groupRows, ROW, windowShades } from './group-rows.ts';
import { laneGround, laneMarks, laneProcesses } from './lane.ts';
import { LEGEND_ROW, legendOf } from './legend.ts';
import { element, escapeText, fitting, hover, shorten } from './markup.ts';
import { PICTURE_STYLE } from './theme.ts';
import { outcomeInWords } from './verdict-words.ts';

export type { PictureOptions } from './frame.ts';

/** A story as one SVG document: time to scale, one lane a rank. The same story gives the same text. */
export function renderSvg(story: Story, options: PictureOptions): string {
  const style = element('style', {}, `\n${PICTURE_STYLE}\n`);
  return `${drawPicture(frameOf(story, options), 'picture', { heading: true, style })}\n`;
}

/**
 * The picture as an element.
 *
 * @param id tells it from other pictures of one page
 * @param around the heading and the style, when they are not said by the page around it
 */
export function drawPicture(frame: Frame, id: string, around: { heading: boolean; style: string }): string {
  const headingHeight = around.heading ? 78 : 8;
  const legend = legendOf(frame);
  const callouts = placeCallouts(calloutsOf(frame));
  const calloutRows = Math.max(0, ...callouts.map(({ row }) => row + 1));

  // Where the axis below would be far from the first lanes there is another above them.
  const axisAbove = frame.lanes.length * frame.laneHeight > 480 ? 18 : 0;
  const wordsBottom = headingHeight + legend.rows * LEGEND_ROW + calloutRows * CALLOUT_ROW + 10;
  const top = wordsBottom + axisAbove;
  const rows = groupRows(frame, top);
  const lanesTop = top + rows.length * ROW + 2;
  const bottom = lanesTop + frame.lanes.length * frame.laneHeight;
  const height = bottom + 30;
  const ofLanes = (draw: typeof laneMarks) =>
    frame.lanes.map((lane, index) => draw(lane, frame, lanesTop + index * frame.laneHeight));
  const parts = [
    element('title', { id: `${id}-title` }, escapeText(frame.title)),
    element('desc', { id: `${id}-desc` }, escapeText(describe(frame))),
    around.style,
    element('rect', { class: 'paper', width: WIDTH, height }),
    ...(around.heading ? headingOf(frame) : []),
    legend.draw(headingHeight),
    ...ofLanes(laneGround),
    ...windowShades(frame, top, bottom),
    gridLines(frame, top, bottom),
    ...ofLanes(laneProcesses),
    ...calloutLines(callouts, wordsBottom, bottom),
    ...calloutWords(callouts, wordsBottom),
    axisAbove > 0 ? timeLabels(frame, top - 6) : '',
    ...rows,
    element('text', { class: 'note', x: RIGHT + 10, y: lanesTop - 8 }, 'how it left'),
    ...ofLanes(laneMarks),
    timeLabels(frame, bottom + 17),
  ];

  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'dps',
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
    },
    `\n${parts.filter((part) => part !== '').join('\n')}\n`,
  );
}

function headingOf(frame: Frame): string[] {
  const outcome = outcomeInWords(frame.story);
  const line = (style: string, y: number, fontSize: number, words: string) =>
    element(
      'text',
      { class: style, x: MARGIN, y },
      hover(words),
      escapeText(shorten(words, fitting(WIDTH - 2 * MARGIN, fontSize))),
    );
  return [line('title', 28, 17, frame.title), line('outcome', 49, 13, outcome), line('note', 67, 11, noteOf(frame))];
}
