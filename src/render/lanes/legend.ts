import type { Lane } from './cells.ts';

/** What the symbols mean, of those that are to be seen; in lines no wider than `width`. */
export function legend(ranks: readonly Lane[], group: readonly Lane[], width: number): readonly string[] {
  const used = symbolsOf(ranks);
  const ready = symbolsOf(group.filter(({ label }) => label === 'ready'));
  const ending = symbolsOf(group.filter(({ label }) => label === 'ending'));
  const several = group.some(
    ({ label, cells }) => label.startsWith('SIG') && cells.some(({ symbol }) => symbol === '*'),
  );
  const unknown = used.has('?') || symbolsOf(group).has('?');
  const words = [
    ...MEANINGS.filter(([symbol]) => used.has(symbol)).map(([symbol, meaning]) => `${symbol} ${meaning}`),
    ...(ready.has('n') ? ['n not ready'] : []),
    ...(ready.has('r') || ready.has('=') ? ['r = ready'] : []),
    ...ENDING.filter(([symbol]) => ending.has(symbol)).map(([symbol, meaning]) => `${symbol} ${meaning}`),
    ...(several ? ['* several ranks'] : []),
    ...(unknown ? ['? not known'] : []),
  ];
  return wrapped(words, width);
}

const MEANINGS: readonly (readonly [symbol: string, meaning: string])[] = [
  ['s', 'started'],
  ['#', 'could not be started'],
  ['o', '200'],
  ['u', 'another answer'],
  ['t', 'timeout'],
  ['r', 'refused'],
  ['e', 'reset'],
  ['p', "the prober's fault"],
  ['x', 'exited'],
  ['z', 'exited with code 0'],
  ['k', 'ended by a signal'],
  ['.', 'its leader has left, not its tree'],
  ['|', 'nothing of it is left'],
];

const ENDING: readonly (readonly [symbol: string, meaning: string])[] = [
  ['d', 'drain delay'],
  ['g', 'grace'],
  ['w', 'wait after SIGKILL'],
];

function symbolsOf(lanes: readonly Lane[]): ReadonlySet<string> {
  return new Set(lanes.flatMap(({ cells }) => cells.map(({ symbol }) => symbol)));
}

function wrapped(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 2 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last}  ${word}`;
  }
  return lines;
}
