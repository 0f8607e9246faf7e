import type { RankStory } from '../../../streams/story.ts';
import type { Frame } from './frame.ts';
import { element, hover } from './markup.ts';
import { exactTime } from './time.ts';

/** The processes of a rank: its leader's life, and differently what of its tree outlived the leader. */
export function processBar({ rank, events }: RankStory, frame: Frame, middle: number): string {
  const at = (kind: 'started' | 'exited' | 'cleared') => events.find((event) => event.kind === kind)?.at;
  const [started, exited, cleared] = [at('started'), at('exited'), at('cleared')];
  if (started === undefined) return '';
  const known = Math.max(frame.story.exit?.at ?? 0, frame.story.end);
  const height = frame.laneHeight < 20 ? 7 : frame.laneHeight < 30 ? 10 : 12;

  const life = bar('process', started, exited ?? cleared ?? known, `rank ${rank}: its leader runs`);
  return exited === undefined
    ? life
    : life + bar('outlived', exited, cleared ?? known, `rank ${rank}: processes that outlived its leader`);

  function bar(style: string, from: number, to: number, words: string): string {
    if (to < frame.from || from > frame.to) return '';
    const [x1, x2] = [frame.x(from), frame.x(to)];
    const end = to === known && cleared === undefined ? 'still there' : `until ${exactTime(to)}`;
    return x2 - x1 < NARROWEST
      ? ''
      : element(
          'rect',
          { class: style, x: x1, y: middle - height / 2, width: x2 - x1, height },
          hover(`${words} from ${exactTime(from)}, ${end}`),
        );
  }
}

/** Less than that is not seen, in pixels. */
const NARROWEST = 0.5;
