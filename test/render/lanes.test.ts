import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { axisRows, scaleOf } from '../../src/render/lanes/axis.ts';
import { incidentOf } from '../../src/render/lanes/incident.ts';
import { renderLanes } from '../../src/render/lanes/lanes.ts';
import { wrap } from '../../src/render/wrap.ts';
import { parseScenario } from '../../streams/scenario.ts';
import { type Story, storyOf } from '../../streams/story.ts';
import { factsOf, HEALTHY, policyOf, record, worlds } from '../replay/world.ts';

const TERM = { type: 'SignalReceived', signal: 'SIGTERM' } as const;
const plain = { width: 80, colours: false };

function scenario(name: string): Story {
  const text = readFileSync(new URL(`../../marbles/${name}.marble`, import.meta.url), 'utf8');
  const { facts, policy, end } = parseScenario(text);
  return storyOf(facts, policy, true, end);
}

const many = (count: number, crashed: number) => {
  const policy = policyOf(count);
  const ranks = policy.ranks.map((rank) =>
    rank === crashed ? { ...HEALTHY, exits: { at: 7_000, code: 1 } } : HEALTHY,
  );
  const entries = record({ policy, ranks, outside: [], until: 60_000 });
  return storyOf(factsOf(entries), policy, false, entries.at(-1)?.t);
};

describe('the lanes of a story', () => {
  it('show that a second signal ends the drain delay, and what follows in the same instant', () => {
    expect(renderLanes(scenario('second-signal-while-draining'), plain)).toMatchInlineSnapshot(`
      [
        "  time     0        200 ms    400 ms    600 ms    800 ms    1 s       1.2 s",
        "           |        |         |         |         |         |         |        |",
        "  rank 0   s---o-------------------------------------------------|",
        "  rank 1   s---o--------------------------------------------|",
        "> signals                T                             T",
        "  ready    n---r=========n------------------------------------------------------",
        "  SIGTERM                                              *",
        "  SIGKILL                                              *",
        "  ending                 ddddddddddddddddddddddddddddddwwwwwwwwwww",
        "  exit                                                           6",
        "  cause                  ^ SIGTERM was received",
        "",
        "  s started  o 200  | nothing of it is left  n not ready  r = ready",
        "  d drain delay  w wait after SIGKILL  * several ranks",
      ]
    `);
  });

  it('show ranks, readiness, what was commanded, the stages of the end, and the first cause', () => {
    expect(renderLanes(scenario('does-not-drain'), plain)).toMatchInlineSnapshot(`
      [
        "  time     0              500 ms         1 s            1.5 s          2 s",
        "           |              |              |              |              |",
        "  rank 0   s--o--------------o-----|",
        "  rank 1   s--o--------------o-----------------------------------|",
        "> signals                       T",
        "  ready    n--r=================n-----------------------------------------------",
        "  SIGTERM                       *",
        "  SIGKILL                                                     1",
        "  ending                        ggggggggggggggggggggggggggggggwwww",
        "  exit                                                           6",
        "  cause                         ^ SIGTERM was received",
        "",
        "  s started  o 200  | nothing of it is left  n not ready  r = ready  g grace",
        "  w wait after SIGKILL  * several ranks",
      ]
    `);
  });

  it('mark the lane of the first cause, be it a signal, a rank, or neither', () => {
    const marked = (name: string) => renderLanes(scenario(name), plain).filter((line) => line.startsWith('>'));
    expect(marked('sigterm-while-ready').map((line) => line.slice(0, 10))).toEqual(['> signals ']);
    expect(marked('stop-requested').map((line) => line.slice(0, 10))).toEqual(['> signals ']);
    expect(marked('exit-after-ready').map((line) => line.slice(0, 10))).toEqual(['> rank 1  ']);
    expect(marked('startup-timeout')).toEqual([]);
    expect(renderLanes(scenario('startup-timeout'), plain).find((line) => line.includes('cause'))).toContain('^');
  });

  it('have the cause in red and what came of it in grey, and not one escape without colours', () => {
    const coloured = renderLanes(scenario('exit-after-ready'), { width: 80, colours: true });
    expect(coloured.find((line) => line.startsWith('> rank 1'))).toMatch(/-\u001b\[1;31mx\u001b\[0m/);
    expect(coloured.find((line) => line.startsWith('  rank 2'))).toMatch(/o-+\u001b\[90m-+\|/);
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
    expect(coloured.map((line) => line.replace(escapes, '').trimEnd())).toEqual(
      renderLanes(scenario('exit-after-ready'), plain),
    );
  });

  it('are never wider than the terminal', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 50, max: 200 }), (world, width) => {
        const story = storyOf(factsOf(record(world)), world.policy, false);
        const longest = Math.max(...renderLanes(story, { width, colours: false }).map(({ length }) => length));
        expect(longest).toBeLessThanOrEqual(width);
      }),
      { numRuns: 100 },
    );
  });

  it('show of several events in one column the one that matters most', () => {
    const lines = renderLanes(many(2, 1), { width: 40, colours: false });
    expect(lines.find((line) => line.startsWith('> rank 1'))).toBe('> rank 1   s-------------------o-------x');
  });

  it('of many ranks that look the same are one, and each has its own where there are few', () => {
    const labels = (story: Story) =>
      renderLanes(story, plain).flatMap((line) => /^[> ] (ranks? [\d-]+)/.exec(line)?.[1] ?? []);
    expect(labels(many(64, 33))).toEqual(['ranks 0-32', 'rank 33', 'ranks 34-63']);
    expect(labels(many(8, 5))).toHaveLength(8);
  });

  it('can be cut to some ranks and to some time', () => {
    const lines = renderLanes(many(4, 3), { ...plain, ranks: [0, 3], from: 5_000, to: 7_500 });
    expect(lines.filter((line) => /^[> ] rank/.test(line)).map((line) => line.slice(2, 8))).toEqual([
      'rank 0',
      'rank 3',
    ]);
    expect(lines[0]).toMatch(/^ {2}time {5}5 s .* 7 s/);
    expect(lines.find((line) => line.startsWith('  ready'))).toMatch(/^ {2}ready {4}=+n/);
  });

  it('say where nothing is known, instead of drawing what may not have been', () => {
    const story = { ...storyOf([], policyOf(1), false, 1_000), end: 10_000 };
    const lines = renderLanes(story, { ...plain, knownUntil: 5_000 });
    expect(lines.find((line) => line.startsWith('  rank 0'))).toMatch(/^ {2}rank 0 {35,}\?{35}$/);
    expect(lines.at(-1)).toContain('? not known');
  });
});

describe('the time axis', () => {
  it.each([
    [0, 80, '0 10 ms 20 ms 30 ms'],
    [0, 1_400, '0 200 ms 400 ms 600 ms 800 ms 1 s 1.2 s'],
    [0, 60_000, '0 10 s 20 s'],
    [0, 90 * 60_000, '0 30 min 1 h'],
    [0, 86_400_000, '0 3 h 6 h 9 h 12 h'],
    [3_600_000, 3_600_400, '1 h 1 h 0.1 s 1 h 0.2 s'],
  ])('from %i to %i ms has steps that people count in', (from, to, labels) => {
    const [row] = axisRows(scaleOf(from, to, 70));
    expect(row.replace(/\s+/g, ' ')).toContain(labels);
  });

  it('has its labels at their marks, and apart from each other', () => {
    fc.assert(
      fc.property(
        fc.nat(1e9),
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 16, max: 200 }),
        (from, span, columns) => {
          const [labels, marks] = axisRows(scaleOf(from, from + span, columns));
          expect([labels.length, marks.length]).toEqual([columns, columns]);
          for (const { index } of labels.matchAll(/(?<=^| {2})\S/g)) expect(marks[index]).toBe('|');
        },
      ),
    );
  });
});

describe('the end of a long day', () => {
  it('is shown again by itself, from what led to it', () => {
    const policy = policyOf(1);
    const entries = record({ policy, ranks: [HEALTHY], outside: [{ at: 3_600_000, value: TERM }], until: 4_000_000 });
    const story = storyOf(factsOf(entries), policy, false, entries.at(-1)?.t);
    expect(incidentOf(story)).toEqual({ from: 3_599_980, to: 3_600_004 });
  });

  it('is not, where the whole shows it well enough or nothing ended', () => {
    expect(incidentOf(scenario('exit-after-ready'))).toBeNull();
    expect(incidentOf(storyOf([], policyOf(1), false, 1e6))).toBeNull();
  });
});

describe('a sentence', () => {
  it('is broken between words, and within one only where it must be', () => {
    expect(wrap(['one two three four', 'short'], 9)).toEqual(['one two', '  three', '  four', 'short']);
    expect(wrap(['abcdefghijklmnop'], 9)).toEqual(['abcdefghi', '  jklmnop']);
  });
});
