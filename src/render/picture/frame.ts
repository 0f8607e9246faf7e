import type { RankStory, Story } from '../../../streams/story.ts';

export interface PictureOptions {
  readonly title: string;
  /** Show no more than what happened from then on, in milliseconds since the start; 0 by default. */
  readonly from?: number | undefined;
  /** ... and until then; by default the end of the story, or a deadline soon after it. */
  readonly to?: number | undefined;
  /** Show no other ranks than these; all by default. */
  readonly ranks?: readonly number[] | undefined;
}

/** What of a story is shown, and where a time is. Lengths are pixels, times milliseconds. */
export interface Frame {
  readonly story: Story;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly lanes: readonly RankStory[];
  readonly laneHeight: number;
  readonly msPerPixel: number;
  /** Where a time is. Earlier than `from` and later than `to` are at the edges. */
  x(at: number): number;
  /** It is within `from` and `to`. */
  shows(at: number): boolean;
}

export const WIDTH = 1_200;
/** Of the plot: the names of the lanes are left of it, how each rank left is right of it. */
export const [LEFT, RIGHT] = [96, 1_080];
export const MARGIN = 16;

/** So that a mark at the very beginning or end is whole. */
const INSET = 10;

export function frameOf(story: Story, { title, from = 0, to, ranks }: PictureOptions): Frame {
  const until = to ?? reach(story, from);
  const end = until > from ? until : from + 1_000;
  const lanes = ranks === undefined ? story.ranks : story.ranks.filter(({ rank }) => ranks.includes(rank));
  const msPerPixel = (end - from) / (RIGHT - LEFT - 2 * INSET);
  return {
    story,
    title,
    from,
    to: end,
    lanes,
    laneHeight: lanes.length <= 12 ? 34 : lanes.length <= 32 ? 24 : 17,
    msPerPixel,
    x: (at) => LEFT + INSET + (Math.min(Math.max(at, from), end) - from) / msPerPixel,
    shows: (at) => at >= from && at <= end,
  };
}

/** A deadline that was not met belongs into the picture, unless it would push all the rest aside. */
function reach({ end, windows }: Story, from: number): number {
  const near = windows.map(({ deadline }) => deadline).filter((deadline) => deadline - end <= (end - from) / 3);
  return Math.max(end, ...near);
}
