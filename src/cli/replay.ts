import { EXIT_STATUS } from '../../streams/exit-status.ts';
import { cut, quoted } from '../../streams/quoted.ts';
import type { REPLAY_OPTIONS } from '../config/options.ts';
import { DpsError } from '../errors.ts';
import { courseInWords, whatIfInWords } from '../render/what-if.ts';
import { incidentOf } from '../render/lanes/incident.ts';
import { type LaneOptions, renderLanes } from '../render/lanes/lanes.ts';
import { oneLine } from '../render/one-line.ts';
import { inSeconds } from '../render/words.ts';
import { wrap } from '../render/wrap.ts';
import { openRecording, type Recording } from './replay-recording.ts';
import { changedPolicy } from './replay-set.ts';
import { writePictures, writeScenario } from './replay-files.ts';
import { checkOutputs } from './replay-outputs.ts';
import type { Asked } from './sources.ts';

type ReplayValues = Asked<typeof REPLAY_OPTIONS>['values'];

/** `dp-supervisor replay`: 0 when the recording comes out the same, 1 when it does not. */
export async function replayCommand({ values, command }: Asked<typeof REPLAY_OPTIONS>): Promise<number> {
  const [path, ...others] = command;
  if (path === undefined)
    throw new DpsError('DPS_USAGE', 'expected a FILE to replay, got none: dp-supervisor replay FILE');
  if (others.length > 0)
    throw new DpsError('DPS_USAGE', `expected one FILE to replay, got ${cut(path)} and ${cut(others.join(' '))}`);

  checkOutputs(path, values);
  const recording = openRecording(path);
  const view = viewOf(recording, values);
  const other = Object.keys(values.set).length === 0 ? null : await changedPolicy(recording.policy, values.set);
  // Before anything is told, so that a file that cannot be written is all that is.
  await writePictures(recording, values, view);
  await writeScenario(recording, values.save);

  tell([recording.title, ...recording.remarks, '']);
  say(pictures(recording.story, view));
  if (other !== null) {
    const { whatIf } = await import('../../streams/what-if.ts');
    const comparison = whatIf(recording.facts, recording.policy, other, recording.until);
    const knownUntil = comparison.partsAt ?? (comparison.alternative.exit === null ? recording.until : Infinity);
    const course = { ...comparison.alternative, end: Math.max(comparison.alternative.end, recording.story.end) };
    tell(['', `what if ${pairsInWords(values.set)}:`, '']);
    say([...pictures(course, { ...view, knownUntil }), '']);
    tell(whatIfInWords(comparison));
  } else {
    tell(['', courseInWords(recording.story)]);
  }

  const { same, lines, lanes = [] } = recording.verdict();
  tell(lines);
  say(lanes.map(oneLine));
  return (same ? EXIT_STATUS.stopped : EXIT_STATUS.fault).status;
}

/** What is to be seen, in milliseconds. */
export type View = Pick<LaneOptions, 'from' | 'to' | 'ranks' | 'width' | 'colours' | 'knownUntil'>;

/** @throws DpsError `DPS_USAGE` */
function viewOf({ policy, drawFrom, story }: Recording, { from, to, rank }: ReplayValues): View {
  if (from !== undefined && from > 0 && from * 1_000 >= story.end) {
    throw new DpsError(
      'DPS_USAGE',
      `--from: expected less than ${inSeconds(story.end)}, where the recording ends, got ${from}`,
    );
  }
  const begin = from === undefined ? drawFrom : from * 1_000;
  if (to !== undefined && to * 1_000 <= (begin ?? 0)) {
    const than = from === undefined ? `${inSeconds(begin ?? 0)}, where the recording begins` : `--from ${from}`;
    throw new DpsError('DPS_USAGE', `--to: expected more than ${than}, got ${to}`);
  }
  const { stdout, env } = process;
  return {
    from: begin,
    to: to === undefined ? undefined : to * 1_000,
    ranks: rank === undefined ? undefined : rank.flatMap((text) => ranksOf(text, policy.ranks)),
    width: columns(),
    colours: stdout.isTTY === true && !env['NO_COLOR'],
  };
}

/** Of a terminal that does not say, which is told as 0, and of what is none. */
const USUAL_COLUMNS = 80;

function columns(): number {
  return process.stdout.columns || USUAL_COLUMNS;
}

/** `3`, or `4-7`. */
function ranksOf(text: string, known: readonly number[]): readonly number[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const ranks = known.filter((rank) => rank >= Number(first) && rank <= Number(last));
  const count = Number(last) - Number(first) + 1;
  if (first === undefined || count < 1 || ranks.length !== count) {
    const expected = `expected ranks of the recording (${cut(known.join(','))})`;
    throw new DpsError('DPS_USAGE', `--rank: ${expected}, got ${quoted(text)}`);
  }
  return ranks;
}

/** The whole course, and its last part again where that would be too small to see. */
function pictures(story: Recording['story'], view: View): readonly string[] {
  const whole = renderLanes(story, view);
  const part = view.from === undefined && view.to === undefined ? incidentOf(story) : null;
  if (part === null) return whole;
  return [...whole, '', 'How it ended:', '', ...renderLanes(story, { ...view, ...part })];
}

function pairsInWords(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/**
 * Sentences are broken for a person at a terminal only: whatever else reads them may look for a line. They quote the
 * recording, which may hold anything.
 */
function tell(sentences: readonly string[]): void {
  const lines = sentences.map(oneLine);
  say(process.stdout.isTTY ? wrap(lines, columns()) : lines);
}

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
