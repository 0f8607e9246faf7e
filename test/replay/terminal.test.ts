import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { file, JOURNAL, replay, shell } from './replay-program.ts';

const lines = readFileSync(JOURNAL, 'utf8').split('\n');
const DIVERGING = file(
  'diverging.ndjson',
  lines.map((line) => line.replace('"type":"Exit","status":4', '"type":"Exit","status":0')).join('\n'),
);

/** On a terminal of so many columns, without its colours. */
function onTerminal(columns: number, path: string) {
  const { status, stdout } = shell(`script -qec 'stty cols ${columns}; exec $REPLAY ${path}' /dev/null`, {
    NO_COLOR: '1',
  });
  return { status, lines: stdout.replaceAll('\r', '').split('\n') };
}

it.each([0, 1, 2, 3])('a terminal of %d columns is written to, and left', (columns) => {
  const { status, lines } = onTerminal(columns, JOURNAL);
  expect(status).toBe(0);
  expect(lines.join('').replaceAll(' ', '')).toContain('thesame:59factsbroughtthesame58commands');
});

it('a terminal that does not say how wide it is gets 80 columns', () => {
  expect(onTerminal(0, JOURNAL).lines).toEqual(onTerminal(80, JOURNAL).lines);
});

it.each([
  [JOURNAL, 0],
  [DIVERGING, 1],
])('no line is wider than the terminal, of pictures, words and verdict: %s', (path, expected) => {
  const { status, lines } = onTerminal(40, path);
  expect(status).toBe(expected);
  expect(lines.filter(({ length }) => length > 40)).toEqual([]);
});

it('what a recording quotes neither ends a line nor speaks to the terminal', () => {
  const escape = String.fromCharCode(27);
  const [header = ''] = lines;
  const bad = `boom\\u001b[31m\\nred\\u009b`;
  const cause = `{"kind":"start-failed","rank":0,"error":"${bad}","afterReady":false}`;
  const path = file(
    'speaking.ndjson',
    [
      header.replace(/"startedAt":"[^"]*"/, '"startedAt":"\\u001b[2J\\nnow"'),
      `{"seq":1,"t":0,"command":{"type":"StartRank","rank":0}}`,
      `{"seq":2,"t":1,"fact":{"type":"RankStartFailed","rank":0,"error":"${bad}"}}`,
      `{"seq":3,"t":1,"command":{"type":"Exit","status":0,"cause":${cause},"killed":[],"left":[]}}`,
      '',
    ].join('\n'),
  );
  const { status, stdout } = replay(path, '--save', 'speaking.marble');
  expect(status).toBe(1);
  expect(stdout).toContain('rank 0 could not be started: boom [31m red');
  expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  const scenario = replay(file('title.marble', `A ${escape}[31mred title.\nexit 4\n`));
  expect(scenario.status).toBe(1);
  expect(scenario.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});
