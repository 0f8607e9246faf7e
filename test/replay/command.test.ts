import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../streams/verdict.ts';
import { parseScenario } from '../../streams/scenario.ts';
import { file, folder, JOURNAL, replay, SCENARIO } from './replay-program.ts';
import { HEALTHY, journalText, policyOf, record } from './world.ts';

const policy = policyOf(3);
const dying = policy.ranks.map((rank) => (rank === 1 ? { ...HEALTHY, exits: { at: 7_000, code: 9 } } : HEALTHY));
const entries = record({ policy, ranks: dying, outside: [], until: 60_000 });
const lines = journalText(policy, entries).split('\n');

describe('dp-supervisor replay', () => {
  it('says of a journal that it comes out the same, and leaves with 0', () => {
    const { status, stdout, stderr } = replay(JOURNAL);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^stalled-rank\.ndjson: 3 ranks, \d+ entries, started 20.* by dp-supervisor /);
    expect(stdout).toContain('\n> rank 2   ');
    expect(stdout).toMatch(/\nthe same: \d+ facts brought the same \d+ commands, at the same times\n$/);
    expect(stdout).not.toContain(String.fromCharCode(27));
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .slice(1, -5)
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(80);
  });

  it('shows where a journal parts from its replay, with what is around it, and leaves with 1', () => {
    const last = entries.length;
    const changed = lines.map((line) => line.replace('"type":"SignalRank","rank":2', '"type":"SignalRank","rank":0'));
    const { status, stdout } = replay(file('changed.ndjson', changed.join('\n')));
    const at = entries.findIndex((entry) => 'command' in entry && entry.command.type === 'SignalRank') + 3;
    expect(status).toBe(1);
    const told = stdout.slice(stdout.indexOf('different:')).split('\n');
    expect(told[0]).toBe(`different: the replay (+) parts from the recording (-) at entry ${at}`);
    expect(told.filter((line) => /^[-+]/.test(line))).toEqual([
      `- ${at}  7000.000 ms  SignalRank rank=0 signal=SIGTERM`,
      `+ ${' '.repeat(String(at).length)}  7000.000 ms  SignalRank rank=2 signal=SIGTERM`,
    ]);
    const around = told.flatMap((line) => /^[- ] +(\d+) {2}/.exec(line)?.[1] ?? []).map(Number);
    expect(around).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4].map((offset) => at + offset).filter((seq) => seq <= last));
  });

  it('accepts a last line that is cut off, and says so', () => {
    const { status, stdout } = replay(file('cut.ndjson', lines.slice(0, -4).join('\n').slice(0, -20)));
    expect(status).toBe(0);
    expect(stdout).toContain('the last line is cut off');
    expect(stdout).toContain('how it ended was not recorded');
  });

  it('says of one that has only its header that nothing was recorded for no time at all', () => {
    const { status, stdout } = replay(file('header.ndjson', `${lines[0]}\n`));
    expect(status).toBe(0);
    expect(stdout).toContain('\nnever ready; nothing ended it within the 0 s that were recorded\n');
  });

  it('replays what is before a gap, draws all, and says that more cannot be told', () => {
    const gap = JSON.stringify({ gap: { from: 11, to: 13 } });
    const { status, stdout } = replay(file('gap.ndjson', [...lines.slice(0, 11), gap, ...lines.slice(14)].join('\n')));
    expect(status).toBe(0);
    expect(stdout).toContain('entries 11 to 13 were left out of the journal when it was written\n');
    expect(stdout).toMatch(/the same as far as it can be told: .* up to entry 10\n/);
    expect(stdout).toContain(
      'a replay across what was left out, from entry 11 on, cannot be exact, and was not tried\n',
    );
    expect(stdout).toContain('rank 1 exited with code 9');
  });

  it('draws a journal of which only the newest part was kept', () => {
    const kept = entries.findIndex(({ t }) => t > 5_000);
    const gap = JSON.stringify({ gap: { from: 1, to: kept } });
    const { status, stdout } = replay(file('ring.ndjson', [lines[0], gap, ...lines.slice(kept + 1)].join('\n')));
    expect(status).toBe(0);
    expect(stdout).toContain('the ranks are drawn as they must have been then');
    expect(stdout).toMatch(/^> rank 1 +o?-.*x/m);
    expect(stdout).toMatch(/^ {2}ready +=+n/m);
  });

  it('replays a scenario that holds with 0, and shows both lanes of one that does not with 1', () => {
    expect(replay(SCENARIO)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('the same: the scenario holds'),
    });
    const wrong = readFileSync(SCENARIO, 'utf8').replace('-------------4', '-------------3');
    const { status, stdout } = replay(file('wrong.marble', wrong));
    expect(status).toBe(1);
    expect(stdout).toMatch(/different: the scenario does not hold\n\n.*\n +exit +expected .*3.*\n +actual .*4/);
  });

  it('takes its options before FILE and behind it', () => {
    const behind = replay(JOURNAL, '--set', 'probe-failure-threshold=5', '--set', 'exit-grace=3', '--rank', '0,2');
    const before = replay('--set', 'probe-failure-threshold=5', '--set', 'exit-grace=3', '--rank', '0,2', JOURNAL);
    expect(before).toEqual(behind);
    expect(behind.status).toBe(0);
    expect(behind.stdout).toContain('what if probe-failure-threshold=5 exit-grace=3:\n');
    expect(behind.stdout).toContain('not known: what would have come after');
    expect(behind.stdout).not.toContain('rank 1   ');
  });

  it('saves a scenario that holds, and writes pictures', () => {
    const saved = join(folder, 'saved.marble');
    const { status, stderr } = replay(JOURNAL, '--save', saved, '--svg', 'a.svg', '--html', 'a.html');
    expect([status, stderr]).toEqual([0, '']);
    expect(check(parseScenario(readFileSync(saved, 'utf8'))).holds).toBe(true);
    expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toMatch(/^<(\?xml|svg)/);
    expect(readFileSync(join(folder, 'a.html'), 'utf8')).toMatch(/^<!doctype html>/i);
    expect(replay('saved.marble').status).toBe(0);
  });

  it.each([
    ['no FILE', [], 'expected a FILE to replay, got none: dp-supervisor replay FILE'],
    ['two of them', ['a', 'b'], 'expected one FILE to replay, got a and b'],
    [
      'a file that is not there',
      ['none.ndjson'],
      "cannot read the recording: ENOENT: no such file or directory, open 'none.ndjson'",
    ],
    [
      'a scenario that is not there',
      ['none.marble'],
      "cannot read the scenario: ENOENT: no such file or directory, open 'none.marble'",
    ],
    ['an unknown option', [SCENARIO, '--sett', 'a=1'], 'unknown option --sett; did you mean --set? (see --help)'],
    [
      'a setting misspelt',
      [SCENARIO, '--set', 'probe-failure-treshold=5'],
      '--set: "probe-failure-treshold" is no setting; did you mean probe-failure-threshold?',
    ],
    [
      "a setting by its option's name",
      [SCENARIO, '--set', 'dp-supervisor-probe-interval-s=5'],
      '--set: "dp-supervisor-probe-interval-s" is no setting; did you mean probe-interval?',
    ],
    [
      'a value that is none',
      [SCENARIO, '--set', 'exit-grace=soon'],
      '--set: "soon": expected a duration such as 250ms, 5s or 2m',
    ],
    [
      'a threshold of nothing',
      [SCENARIO, '--set', 'probe-failure-threshold=0'],
      '--set: "probe-failure-threshold=0": expected a whole number from 1 to 1000000',
    ],
    [
      'an interval of nothing',
      [SCENARIO, '--set', 'probe-interval=0'],
      '--set: expected intervals and timeouts of probes longer than nothing, got 0',
    ],
    [
      'a threshold beyond its bound',
      [SCENARIO, '--set', 'probe-failure-threshold=99999999999999999999'],
      '--set: "probe-failure-threshold=99999999999999999999": expected a whole number from 1 to 1000000',
    ],
    [
      'a duration in another notation',
      [SCENARIO, '--set', 'exit-grace=1e7'],
      '--set: "1e7": expected a duration such as 250ms, 5s or 2m',
    ],
    [
      'two settings in one',
      [SCENARIO, '--set', 'exit-grace=5 kill-wait=1'],
      '--set: "5 kill-wait=1": expected a duration such as 250ms, 5s or 2m',
    ],
    [
      'a blank before a value',
      [SCENARIO, '--set', 'exit-grace= 5'],
      '--set: " 5": expected a duration such as 250ms, 5s or 2m',
    ],
    [
      'a duration beyond any timer',
      [SCENARIO, '--set', 'exit-grace=10000000'],
      '--set: "10000000": expected at most 1000000 seconds',
    ],
    ['other ranks', [SCENARIO, '--set', 'ranks=4'], '--set ranks: the ranks are those of the recording'],
    [
      'a rank that is not there',
      [SCENARIO, '--rank', '1,7'],
      '--rank: expected ranks of the recording (0,1,2), got "7"',
    ],
    [
      'no time between --from and --to',
      [JOURNAL, '--from', '2', '--to', '2'],
      '--to: expected more than --from 2, got 2',
    ],
    [
      'a range that runs backwards',
      [SCENARIO, '--rank', '2-1'],
      '--rank: expected ranks of the recording (0,1,2), got "2-1"',
    ],
    [
      'a beginning behind the end',
      [JOURNAL, '--from', '500'],
      '--from: expected less than 17.21 s, where the recording ends, got 500',
    ],
    [
      'an end before the beginning',
      [JOURNAL, '--to', '0'],
      '--to: expected more than 0 s, where the recording begins, got 0',
    ],
    [
      'a place that cannot be written',
      [SCENARIO, '--save', 'none/a.marble'],
      "--save: ENOENT: no such file or directory, open 'none/a.marble'",
    ],
  ])('refuses %s in one line, with 2', (_what, words, message) => {
    expect(replay(...words)).toEqual({ status: 2, stdout: '', stderr: `dp-supervisor: ${message}\n` });
  });

  it('refuses a journal by line and a scenario by line, with 2', () => {
    const journal = replay(file('bad.ndjson', lines.map((line, index) => (index === 6 ? '{' : line)).join('\n')));
    expect(journal).toEqual({ status: 2, stdout: '', stderr: 'dp-supervisor: bad.ndjson: line 7: it is not JSON\n' });
    const scenario = replay(file('bad.marble', 'A title.\n\npolicy ranks=none\n'));
    expect(scenario).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/bad\.marble: line 3: .*\n$/),
    });
    const newer = replay(file('newer.ndjson', '{"v":7,"header":{}}\n'));
    expect(newer).toMatchObject({ status: 2, stderr: expect.stringContaining('format version 7') });
  });
});
