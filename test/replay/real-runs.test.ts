import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProcessTable } from '../../src/drivers/process-table.ts';
import { livingTree } from '../../src/drivers/trees.ts';
import { isFactEntry, type JournalEntry } from '../../streams/journal.ts';
import { replay } from '../../streams/replay.ts';
import { type HealthServers, healthServers } from './health-servers.ts';
import { realRun, type RealRun } from './real-run.ts';
import { runPlan } from './run-plan.ts';

const RUNS = 200;
const AT_ONCE = 6;
const MOST_RANKS = 4;
const LONGEST_MS = 120_000;
/** To have the same plans again: DPS_TEST_SEED=... */
const SEED = Number(process.env['DPS_TEST_SEED'] ?? Date.now() % 1_000_000);

describe(`${RUNS} short runs of real processes (seed ${SEED})`, () => {
  const runs: (RealRun & { readonly seed: number })[] = [];
  let slots: HealthServers[] = [];

  beforeAll(async () => {
    slots = await Promise.all(Array.from({ length: AT_ONCE }, () => healthServers(MOST_RANKS)));
    const seeds = Array.from({ length: RUNS }, (_, index) => SEED + index);
    await Promise.all(
      slots.map(async (servers) => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
          runs.push({ seed, ...(await realRun(runPlan(seed), servers)) });
        }
      }),
    );
    console.info(inFigures(runs));
  }, LONGEST_MS);

  afterAll(() => Promise.all(slots.map((servers) => servers.close())));

  it('are each replayed without a divergence, exact times and all', () => {
    expect(runs).toHaveLength(RUNS);
    for (const { seed, entries, policy } of runs) {
      const facts = entries.filter(isFactEntry).length;
      const expected = { facts, commands: entries.length - facts, divergence: null };
      expect(replay(entries, policy), `DPS_TEST_SEED=${seed}\n${inLines(entries)}`).toEqual(expected);
    }
  });

  it('are each recorded in order, to their Exit, to the microsecond', () => {
    for (const { entries, exit } of runs) {
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      const times = entries.map(({ t }) => t);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      const last = entries.at(-1);
      expect(last).toMatchObject({ command: exit });
    }
    const times = runs.flatMap(({ entries }) => entries.map(({ t }) => Math.round(t * 1_000)));
    expect(times.filter((microseconds) => microseconds % 10 !== 0).length).toBeGreaterThan(times.length / 2);
  });

  it('end in every way that there is without a port of their own', () => {
    const kinds = new Set(runs.map(({ exit }) => exit.cause.kind));
    expect([...kinds].sort()).toEqual(
      ['exited', 'signal', 'start-failed', 'startup-timeout', 'stop-requested', 'unhealthy'].sort(),
    );
    expect([...new Set(runs.map(({ exit }) => exit.status))].sort()).toEqual([0, 3, 4, 6]);
  });

  it('are full of coincidences', () => {
    expect(coincidences(runs)).toBeGreaterThan(2 * RUNS);
  });

  it('leave no process behind', () => {
    const pids = runs.flatMap((run) => run.pids);
    expect(pids.length).toBeGreaterThan(RUNS);
    expect(
      pids.filter((pid) => mayLive(pid) && livingTree({ leader: pid, mark: '' }, readProcessTable() ?? []).length > 0),
    ).toEqual([]);
  });

  it('would not be replayed if one command had come a microsecond later', () => {
    const killed = runs.filter(({ exit }) => exit.killed.length > 0);
    for (const { entries, policy } of killed) {
      const late = entries.map((entry) => (isKill(entry) ? { ...entry, t: entry.t + 0.001 } : entry));
      expect(replay(late, policy).divergence?.recorded).toEqual(late.find(isKill));
    }
    expect(killed.length).toBeGreaterThan(10);
  });
});

/** Facts within a millisecond of the fact before. */
function coincidences(runs: readonly RealRun[]): number {
  return runs.flatMap(({ entries }) => {
    const facts = entries.filter(isFactEntry);
    return facts.slice(1).filter(({ t }, index) => t - (facts[index]?.t ?? NaN) < 1);
  }).length;
}

function isKill(entry: JournalEntry): boolean {
  return 'command' in entry && entry.command.type === 'KillRank';
}

function inFigures(runs: readonly RealRun[]): string {
  const count = new Map<string, number>();
  for (const { exit } of runs) {
    const how = `${exit.cause.kind} ${exit.status}`;
    count.set(how, (count.get(how) ?? 0) + 1);
  }
  const entries = runs.reduce((sum, run) => sum + run.entries.length, 0);
  const endings = [...count].sort().map(([how, times]) => `${how}: ${times}`);
  return `${entries} entries, ${coincidences(runs)} facts within 1 ms of the one before; ${endings.join(', ')}`;
}

function inLines(entries: readonly JournalEntry[]): string {
  return entries.map((entry) => JSON.stringify(entry)).join('\n');
}

/** Whether the group's number is still in use, be it by a zombie that nobody has collected. */
function mayLive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
