import { ranksInWords } from '../words.ts';
import { grouped } from './event-words.ts';
import type { Frame } from './frame.ts';
import { exactTime, shortTime } from './time.ts';
import { outcomeInWords } from './verdict-words.ts';

/** The picture in words, for who cannot see it. */
export function describe(frame: Frame): string {
  const { readiness, cause } = frame.story;
  const ready = readiness.find(({ value }) => value);
  return [
    noteOf(frame),
    ready === undefined ? 'the group was never ready' : `ready for the first time at ${exactTime(ready.at)}`,
    ...(cause === null ? [] : [`the cause came at ${exactTime(cause.at)}`]),
    outcomeInWords(frame.story),
  ]
    .map((sentence) => `${sentence}.`)
    .join(' ');
}

/** How much is shown: ranks, times and answers. */
export function noteOf({ story, lanes, from, to, shows }: Frame): string {
  const all = lanes.length === story.ranks.length;
  const named = all
    ? `${lanes.length} ${lanes.length === 1 ? 'rank' : 'ranks'}`
    : ranksInWords(lanes.map(({ rank }) => rank));
  const group = all ? named : `${named} of ${story.ranks.length}`;
  const answers = lanes.reduce(
    (sum, { events }) => sum + events.filter(({ at, kind }) => shows(at) && isProbe(kind)).length,
    0,
  );
  const probes = `${grouped(answers)} ${answers === 1 ? 'probe' : 'probes'}`;
  return `${group}, ${shortTime(from)} to ${shortTime(to)}, ${probes}`;
}

function isProbe(kind: string): boolean {
  return kind === 'healthy' || kind === 'unhealthy' || kind === 'unanswered' || kind === 'prober-fault';
}
