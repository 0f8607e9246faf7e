import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../streams/scenario.ts';
import { ScenarioError } from '../../streams/scenario-error.ts';
import { check } from '../../streams/verdict.ts';

const GOOD = `A rank that exits after ready takes the other with it.

policy    ranks=2 startup-probe-interval=200ms probe-interval=1s exit-grace=500ms
frame     100ms

probes 0  -o----------
probes 1  -o----------
rank 0    --------|
rank 1    ------(x|)

ready     nr----n
SIGTERM   ------(01)
exit      --------4
`;

const verdictOf = (from: string, to: string) => check(parseScenario(GOOD.replace(from, to)));

describe('a scenario that does not hold', () => {
  it('holds as it stands', () => {
    expect(check(parseScenario(GOOD))).toEqual({
      holds: true,
      report: 'A rank that exits after ready takes the other with it.',
    });
  });

  it('shows both timelines, one above the other', () => {
    const { holds, report } = verdictOf('exit      --------4', 'exit      ---------4');
    expect(holds).toBe(false);
    expect(report.split('\n').slice(1)).toEqual([
      '  exit     expected  ---------4--',
      '           actual    --------4---',
    ]);
  });

  it.each([
    ['another status', 'exit      --------4', 'exit      --------3', 'exit     expected'],
    ['a missing lane', 'SIGTERM   ------(01)\n', '', 'SIGTERM  expected'],
    ['another signal', 'SIGTERM   ------(01)', 'SIGINT    ------(01)', 'SIGINT   expected'],
    ['a kill that does not come', 'exit   ', 'SIGKILL   ------0\nexit   ', 'SIGKILL  expected'],
    ['readiness at another time', 'nr----n', 'nr---n', 'ready    expected'],
    ['another cause', 'exit   ', 'cause     ------0\nexit   ', 'cause    expected'],
    ['another question', 'exit   ', 'asked 0   p---p\nexit   ', 'asked 0  expected'],
    ['an answer that nobody asked for', 'probes 0  -o----------', 'probes 0  -oo---------', 'no probe is under way'],
  ])('objects to %s', (_what, from, to, complaint) => {
    const { holds, report } = verdictOf(from, to);
    expect(holds).toBe(false);
    expect(report).toContain(complaint);
  });
});

it('a lane of a year that does not hold is told, and not drawn dash by dash', () => {
  const { report } = check(parseScenario('A year.\nframe 1ms\nprobes 0  -o 525600m o\nexit  4\n'));
  expect(report).toContain('exit     expected  4 31536000002ms\n');
  expect(report.length).toBeLessThan(1_000);
});

describe('a file that is no scenario', () => {
  it('is quoted as far as it helps', () => {
    const parse = () => parseScenario(`Title.\n${'x'.repeat(5_000_000)}\n`);
    expect(parse).toThrow(/^"x{80}\.\.\." is no line of a scenario: expected policy, /);
  });

  it.each([
    ['an empty file', '', 1, 'the file is empty'],
    ['an unknown line', 'Title.\nprobe 0   -o\n', 2, '"probe 0   -o" is no line of a scenario'],
    ['an unknown setting', 'Title.\npolicy  rank=2\n', 2, '"rank" is no setting of a policy'],
    ['a setting without a value', 'Title.\npolicy  ranks\n', 2, '"ranks" has no value'],
    ['a duration that is none', 'Title.\npolicy  exit-grace=soon\n', 2, '"soon": expected a duration'],
    ['a count that is none', 'Title.\npolicy  ranks=0\n', 2, '"ranks=0": expected a whole number from 1'],
    [
      'more ranks than can be played',
      'Title.\npolicy  ranks=4097\n',
      2,
      '"ranks=4097": expected a whole number from 1',
    ],
    [
      'a duration beyond any timer',
      'Title.\npolicy  exit-grace=99999m\n',
      2,
      '"99999m": expected at most 1000000 seconds',
    ],
    ['a lane without end', 'Title.\nprobes 0  -o 999999999999m o\n', 2, 'the lane "probes 0": expected at most 90'],
    ['a frame of nothing', 'Title.\nframe 0\n', 2, 'expected a frame longer than nothing'],
    [
      'a rank that is not there',
      'Title.\npolicy ranks=2\nprobes 2  -o\n',
      3,
      'the lane "probes 2": rank 2 is not in the group of 2',
    ],
    ['a symbol without a meaning', 'Title.\nprobes 0  -y\n', 2, '"y" says nothing in the lane "probes 0"'],
    ['a bad definition', 'Title.\nwhere  a = exits\n', 2, '"a = exits" defines nothing'],
    ['a broken lane', 'Title.\nprobes 0  -(o\n', 2, 'the lane "probes 0": a group is not closed (column 14)'],
    ['a lane given twice', 'Title.\nexit  -\nexit  -\n', 3, 'a second lane "exit"'],
  ])('%s is refused with its line', (_what, text, line, message) => {
    let refusal: unknown;
    try {
      parseScenario(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ScenarioError);
    expect(refusal).toMatchObject({ line, message: expect.stringContaining(message) as string });
  });
});
