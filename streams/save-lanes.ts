import type { Fact } from './facts.ts';
import type { Marble } from './marble.ts';
import { type At, play } from './play.ts';
import type { Policy } from './policy.ts';
import { printTimed } from './save-timed.ts';
import type { SaveSymbols } from './save-symbols.ts';
import { EXPECTED_LANES, type Scenario } from './scenario.ts';
import { actualLane } from './verdict.ts';

/** One line of a scenario before it is printed. */
interface SavedLane {
  readonly name: string;
  readonly marbles: readonly Marble[];
}

export interface SavedLanes {
  readonly frameMs: number;
  readonly lines: readonly string[];
}

/** The lanes of a course and of what comes of it; null when no frame is short enough for them. */
export function laneLines(
  facts: readonly At<Fact>[],
  policy: Policy,
  symbols: SaveSymbols,
  until: number,
): SavedLanes | null {
  const end = Math.max(0, until, ...facts.slice(-1).map(({ at }) => at));
  const course = play(facts, policy, end);
  const exitAt = course.commands.find(({ value }) => value.type === 'Exit')?.at ?? 0;
  const happens = [...factLanes(facts, symbols), ...neverStarted(facts, policy, Math.max(end, exitAt) + LATER_MS)];
  const scenario = { rankSymbols: rankSymbols(policy, symbols) } as Scenario;
  const comes = [...EXPECTED_LANES, 'cause']
    .map((name) => ({ name, marbles: actualLane(name, scenario, course) }))
    .filter(({ marbles }) => marbles.length > 0);

  const times = [...happens, ...comes].flatMap(({ marbles }) => marbles.map(({ at }) => at));
  const coarse = COARSE_MS.filter((frameMs) => times.every((at) => at % frameMs === 0));
  for (const frameMs of [...coarse, ...FINE_MS]) {
    const printed = printTimed([...happens, ...comes], frameMs);
    if (printed === null) continue;
    const width = Math.max(...[...happens, ...comes].map(({ name }) => name.length)) + 2;
    const lines = [...happens, ...comes].map(({ name }, index) => `${name.padEnd(width)}${printed[index] ?? ''}`);
    return { frameMs, lines: [...lines.slice(0, happens.length), '', ...lines.slice(happens.length)] };
  }
  return null;
}

/** How long a character is best, where every time is a multiple of it: what is written by hand looks like this. */
const COARSE_MS = [1_000, 500, 100, 50, 10];

/** How long a character may be anyway, the longest first. Powers of two, so that sums of them are exact. */
const FINE_MS = [1, 1 / 8, 1 / 64, 1 / 1_024, 1 / 16_384];

/** Behind the end of everything. */
const LATER_MS = 1_000;

/**
 * The lanes of what happens. Facts of one time happen in the order of their lines: where that is not the order in
 * which they came, a lane is written a second time further down.
 */
function factLanes(facts: readonly At<Fact>[], symbols: SaveSymbols): readonly SavedLane[] {
  const order = laneOrder(facts, symbols);
  const lanes = new Map<string, { name: string; level: number; marbles: Marble[] }>();
  let level = 0;
  let last = { at: NaN, place: -1 };
  for (const { at, value } of facts) {
    const { lane, symbol } = symbols.placed(value);
    const place = order.indexOf(lane);
    level = at === last.at ? level + (place < last.place ? 1 : 0) : 0;
    last = { at, place };
    const key = `${level} ${lane}`;
    const line = lanes.get(key) ?? { name: lane, level, marbles: [] };
    line.marbles.push({ at, symbol });
    lanes.set(key, line);
  }
  return [...lanes.values()].sort((a, b) => a.level - b.level || order.indexOf(a.name) - order.indexOf(b.name));
}

/** The same facts, those of one time in the order in which a scenario's lanes are written by themselves. */
export function byLane(facts: readonly At<Fact>[], symbols: SaveSymbols): readonly At<Fact>[] {
  const order = new Map(laneOrder(facts, symbols).map((lane, place) => [lane, place]));
  const place = ({ value }: At<Fact>) => order.get(symbols.placed(value).lane) ?? 0;
  return [...facts].sort((a, b) => a.at - b.at || place(a) - place(b));
}

/** Processes, then probes, then what came from outside. */
function laneOrder(facts: readonly At<Fact>[], symbols: SaveSymbols): readonly string[] {
  const names = new Set(facts.map(({ value }) => symbols.placed(value).lane));
  const place = (name: string) =>
    ['rank', 'probes', 'signals', 'stop', 'listener', 'fault'].indexOf(name.split(' ')[0] ?? '');
  const rank = (name: string) => Number(name.split(' ')[1] ?? 0);
  return [...names].sort((a, b) => place(a) - place(b) || rank(a) - rank(b));
}

/** A rank of which no start is shown would have started at once. One that never did starts when all is over. */
function neverStarted(facts: readonly At<Fact>[], { ranks }: Policy, at: number): readonly SavedLane[] {
  const shown = new Set(
    facts.map(({ value }) => (value.type === 'RankStarted' || value.type === 'RankStartFailed' ? value.rank : null)),
  );
  const whole = Math.ceil(at);
  return ranks
    .filter((rank) => !shown.has(rank))
    .map((rank) => ({ name: `rank ${rank}`, marbles: [{ at: whole, symbol: 's' }] }));
}

function rankSymbols({ ranks }: Policy, symbols: SaveSymbols): ReadonlyMap<string, number> {
  return new Map(ranks.map((rank) => [symbols.ofRank(rank), rank]));
}
