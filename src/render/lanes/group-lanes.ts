import type { RankEvent, Story, Window } from '../../../streams/story.ts';
import { SIGNAL_SYMBOLS } from '../../../streams/scenario-symbols.ts';
import type { Scale } from './axis.ts';
import { type Cell, cellsOf, type Lane, type Look, type Mark, type Stretch } from './cells.ts';

/** The lanes of what concerns the whole group. One in which nothing is to be seen is left out. */
export function groupLanes(story: Story, scale: Scale, knownUntil: number): readonly Lane[] {
  const causeAt = story.cause?.at ?? Infinity;
  const lane = (label: string, marks: readonly Mark[], stretches: readonly Stretch[] = []): Lane => ({
    label,
    cells: cellsOf(scale, stretches, marks, causeAt, knownUntil),
    blamed: marks.some(({ at, look }) => look === 'cause' && at >= scale.from && at <= scale.to),
  });
  const look = (at: number): Look => (at >= causeAt ? 'consequence' : 'plain');

  const signals = story.signals.map(({ at, value }): Mark => {
    const blamed = at === causeAt && isSignalCause(story, value);
    return { at, symbol: signalSymbol(value), look: blamed ? 'cause' : look(at), weight: blamed ? 2 : 1 };
  });
  const ready = story.readiness.map(({ at, value }): Mark => ({
    at,
    symbol: value ? 'r' : 'n',
    look: look(at),
    weight: at === 0 ? 1 : value ? 2 : 3,
  }));
  const exit = story.exit;
  const lanes = [
    lane('signals', signals),
    lane('ready', ready, readyStretches(story)),
    ...commandLanes(story).map(([name, marks]) => lane(name, marks)),
    ...(story.windows.length === 0 ? [] : [lane('ending', [], story.windows.map(windowStretch))]),
    ...(exit === null
      ? []
      : [lane('exit', [{ at: exit.at, symbol: String(exit.value.status), look: 'consequence', weight: 1 }])]),
  ];
  return lanes.filter(({ label, cells }) => label === 'ready' || cells.some(isTold));
}

/** Of a lane that only says that nothing is known, there is nothing to be seen. */
function isTold({ symbol }: Cell): boolean {
  return symbol !== ' ' && symbol !== '?';
}

function isSignalCause({ cause }: Story, text: string): boolean {
  const kind = cause?.value.kind;
  if (kind === 'signal') return text.startsWith('SIG');
  return (
    (kind === 'stop-requested' && text === 'stop requested') ||
    (kind === 'listener-failed' && text === 'port lost') ||
    (kind === 'fault' && text === 'fault')
  );
}

function signalSymbol(text: string): string {
  if (text === 'stop requested') return 's';
  if (text === 'fault') return 'f';
  return Object.entries(SIGNAL_SYMBOLS).find(([, signal]) => signal === text)?.[0] ?? '#';
}

/** `=` while ready, `-` while not, until the end. */
function readyStretches({ readiness, end }: Story): readonly Stretch[] {
  return readiness.map(({ at, value }, index) => ({
    from: at,
    to: readiness[index + 1]?.at ?? end,
    symbol: value ? '=' : '-',
  }));
}

const WINDOW_SYMBOLS: Readonly<Record<Window['phase'], string>> = { draining: 'd', stopping: 'g', killing: 'w' };

function windowStretch({ phase, from, to }: Window): Stretch {
  return { from, to, symbol: WINDOW_SYMBOLS[phase] };
}

/** A lane for each signal that was sent to ranks: the rank, or `*` for several at once. */
function commandLanes({ ranks }: Story): readonly (readonly [name: string, marks: readonly Mark[]])[] {
  const sent = ranks.flatMap(({ rank, events }) =>
    events.filter(isCommand).map(({ at, text }) => ({ rank, at, name: text })),
  );
  const names = [...new Set(sent.map(({ name }) => name))];
  return names.map((name) => {
    const ofName = sent.filter((event) => event.name === name);
    const times = new Map<number, number[]>();
    for (const { at, rank } of ofName) times.set(at, [...(times.get(at) ?? []), rank]);
    const marks = [...times].map(([at, [rank = 0, ...others]]): Mark => {
      const single = others.length === 0 && rank < 10;
      return { at, symbol: single ? String(rank) : '*', look: 'consequence', weight: others.length + 1 };
    });
    return [name, marks] as const;
  });
}

function isCommand({ kind }: RankEvent): boolean {
  return kind === 'signalled' || kind === 'killed';
}
