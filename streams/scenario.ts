import type { Fact } from './facts.ts';
import { type Lane, type Marble, MarbleError, parseMarbles } from './marble.ts';
import type { At } from './play.ts';
import type { Policy } from './policy.ts';
import { quoted } from './quoted.ts';
import { ScenarioError } from './scenario-error.ts';
import { parseDuration, ScenarioPolicy } from './scenario-policy.ts';
import { pidOf, Symbols } from './scenario-symbols.ts';

/** A `.marble` file, read. The format is described in docs/reference/scenarios.md. */
export interface Scenario {
  /** One sentence of behaviour. */
  readonly title: string;
  readonly policy: Policy;
  /** How long one character of a lane is, in milliseconds. */
  readonly frameMs: number;
  /** What happens, in order. */
  readonly facts: readonly At<Fact>[];
  /** What shall come of it: a lane by name. */
  readonly expected: ReadonlyMap<string, readonly Marble[]>;
  /** End of the longest lane, in milliseconds. */
  readonly end: number;
  /** Rank by symbol, for lanes whose marbles are ranks. */
  readonly rankSymbols: ReadonlyMap<string, number>;
}

/** Lanes of what comes out that are always held against what came: one that is not written expects nothing. */
export const EXPECTED_LANES = ['ready', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL', 'exit', 'left'] as const;

/** Lanes of what comes out that are held against it only where they are written: `cause` and `asked RANK`. */
export const isOptionalLane = (name: string): boolean => name === 'cause' || name.startsWith('asked ');

const LANE =
  /^(signals|stop|listener|fault|ready|cause|exit|left|SIG(?:TERM|INT|HUP|QUIT|KILL)|(?:rank|probes|asked) \d+)(?: +(.*))?$/;

const DEFAULT_FRAME_MS = 100;

interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

interface NamedLane extends Line, Lane {
  readonly name: string;
}

/**
 * Reads a scenario.
 *
 * @throws ScenarioError with the line that is wrong
 */
export function parseScenario(text: string): Scenario {
  const [title, ...lines] = linesOf(text);
  if (title === undefined) throw new ScenarioError('the file is empty: expected a sentence of behaviour', 1);

  const settings = new ScenarioPolicy();
  const symbols = new Symbols();
  const laneLines: Line[] = [];
  let frameMs = DEFAULT_FRAME_MS;
  for (const line of lines) {
    const [keyword = ''] = line.text.split(' ');
    const rest = line.text.slice(keyword.length).trim();
    if (keyword === 'policy') settings.read(rest, line.number);
    else if (keyword === 'where') symbols.define(rest, line.number);
    else if (keyword === 'frame') frameMs = readFrame(rest, line.number);
    else laneLines.push(line);
  }

  const policy = settings.policy();
  const lanes = laneLines.map((line) => readLane(line, frameMs, policy));
  const isExpectation = ({ name }: NamedLane) => isOptionalLane(name) || EXPECTED_LANES.some((lane) => lane === name);
  return {
    title: title.text,
    policy,
    frameMs,
    facts: inOrder(
      lanes.filter((lane) => !isExpectation(lane)).flatMap((lane) => factsOf(lane, symbols)),
      policy,
    ),
    expected: byName(lanes.filter(isExpectation)),
    end: Math.max(0, ...lanes.map(({ end }) => end)),
    rankSymbols: symbols.ranks(),
  };
}

/** Lines that say something: blank ones and those that begin with `//` do not. */
function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .map((line, index) => ({ text: line.trimEnd(), number: index + 1 }))
    .filter((line) => line.text !== '' && !line.text.startsWith('//'));
}

function readFrame(text: string, line: number): number {
  const frameMs = parseDuration(text, line);
  if (frameMs === 0) throw new ScenarioError(`${quoted(text)}: expected a frame longer than nothing`, line);
  return frameMs;
}

function readLane(line: Line, frameMs: number, { ranks }: Policy): NamedLane {
  const [, name, marbles = ''] = LANE.exec(line.text) ?? [];
  if (name === undefined) {
    throw new ScenarioError(
      `${quoted(line.text)} is no line of a scenario: expected policy, frame, where, or a lane (signals, rank N, probes N, ready, SIGTERM, ...)`,
      line.number,
    );
  }
  const [, rank] = / (\d+)$/.exec(name) ?? [];
  if (rank !== undefined && !ranks.includes(Number(rank))) {
    throw new ScenarioError(`the lane "${name}": rank ${rank} is not in the group of ${ranks.length}`, line.number);
  }
  try {
    return { ...line, name, ...parseMarbles(marbles, frameMs) };
  } catch (error) {
    if (!(error instanceof MarbleError)) throw error;
    const column = line.text.length - marbles.length + error.column;
    throw new ScenarioError(`the lane "${name}": ${error.message} (column ${column})`, line.number);
  }
}

function factsOf({ name, marbles, number }: NamedLane, symbols: Symbols): At<Fact>[] {
  const [lane = '', rank] = name.split(' ');
  return marbles.map(({ at, symbol }) => {
    const value = symbols.fact(lane, Number(rank), symbol);
    if (value === null) throw new ScenarioError(`"${symbol}" says nothing in the lane "${name}"`, number);
    return { at, value };
  });
}

/** By time, and within a millisecond by line. A rank whose lane shows no start has started at once. */
function inOrder(facts: readonly At<Fact>[], { ranks }: Policy): readonly At<Fact>[] {
  const shown = new Set(
    facts.map(({ value }) => (value.type === 'RankStarted' || value.type === 'RankStartFailed' ? value.rank : null)),
  );
  const implied = ranks
    .filter((rank) => !shown.has(rank))
    .map((rank): At<Fact> => ({ at: 0, value: { type: 'RankStarted', rank, pid: pidOf(rank) } }));
  return [...implied, ...facts].sort((a, b) => a.at - b.at);
}

function byName(lanes: readonly NamedLane[]): ReadonlyMap<string, readonly Marble[]> {
  const expected = new Map<string, readonly Marble[]>();
  for (const { name, marbles, number } of lanes) {
    if (expected.has(name)) throw new ScenarioError(`a second lane "${name}"`, number);
    expected.set(name, marbles);
  }
  return expected;
}
