import type { RankStory, Story } from '../../../streams/story.ts';
import type { Scale } from './axis.ts';
import { cellsOf, type Lane, type Mark, type Stretch, symbolOf, weightOf } from './cells.ts';

/** From so many ranks on, neighbours whose lanes look the same share one. */
const MANY_RANKS = 17;

/** A lane for each rank: its processes and what its probes brought. */
export function rankLanes(
  story: Story,
  ranks: readonly RankStory[],
  scale: Scale,
  knownUntil: number,
): readonly Lane[] {
  const lanes = ranks.map((rank) => rankLane(story, rank, scale, knownUntil));
  return ranks.length < MANY_RANKS ? lanes.map(({ lane }) => lane) : folded(lanes);
}

interface RankLane {
  readonly rank: number;
  readonly lane: Lane;
}

function rankLane(story: Story, { rank, events }: RankStory, scale: Scale, knownUntil: number): RankLane {
  const marks = events.flatMap((event): Mark[] => {
    const symbol = event.at < scale.from || event.at > scale.to ? null : symbolOf(event);
    if (symbol === null) return [];
    const look = event.role === 'normal' ? 'plain' : event.role;
    return [{ at: event.at, symbol, look, weight: weightOf(event) }];
  });
  const causeAt = story.cause?.at ?? Infinity;
  const cells = cellsOf(scale, livesOf(events, story.end), marks, causeAt, knownUntil);
  return { rank, lane: { label: `rank ${rank}`, cells, blamed: marks.some(({ look }) => look === 'cause') } };
}

/** `-` while the leader lives, `.` while others of its tree are there, nothing before and after. */
function livesOf(events: RankStory['events'], end: number): readonly Stretch[] {
  const turns = events.filter(({ kind }) => ['started', 'start-failed', 'exited', 'cleared'].includes(kind));
  return turns.flatMap(({ at, kind }, index) => {
    const symbol = kind === 'started' ? '-' : kind === 'exited' ? '.' : null;
    return symbol === null ? [] : [{ from: at, to: turns[index + 1]?.at ?? end, symbol }];
  });
}

function folded(lanes: readonly RankLane[]): readonly Lane[] {
  const runs: RankLane[][] = [];
  for (const next of lanes) {
    const run = runs.at(-1);
    const [first] = run ?? [];
    if (run !== undefined && first !== undefined && looksLike(first.lane, next.lane)) run.push(next);
    else runs.push([next]);
  }
  return runs.flatMap((run) => {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined || run.length === 1) return run.map(({ lane }) => lane);
    return [{ ...first.lane, label: `ranks ${first.rank}-${last.rank}` }];
  });
}

function looksLike(a: Lane, b: Lane): boolean {
  return (
    a.blamed === b.blamed &&
    a.cells.every(({ symbol, look }, column) => symbol === b.cells[column]?.symbol && look === b.cells[column].look)
  );
}
