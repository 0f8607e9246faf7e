import { readdirSync, readFileSync } from 'node:fs';
import {
  type At,
  DEFAULT_POLICY,
  type Fact,
  parseScenario,
  type Policy,
  type Story,
  storyOf,
} from '../../../streams/index.ts';

const folder = new URL('../../../marbles/', import.meta.url);

export const SCENARIOS = readdirSync(folder)
  .filter((name) => name.endsWith('.marble'))
  .map((name) => name.replace('.marble', ''));

/** The story of a scenario under marbles/, with its sentence. */
export function storyOfScenario(name: string): { story: Story; title: string } {
  const { facts, policy, title } = parseScenario(readFileSync(new URL(`${name}.marble`, folder), 'utf8'));
  return { story: storyOf(facts, policy, true), title };
}

/** A group that is asked every five seconds for so long; at the end its last rank does not answer any more. */
export function longStory(ranks: number, ms: number): Story {
  const policy: Policy = { ...DEFAULT_POLICY, ranks: Array.from({ length: ranks }, (_, rank) => rank) };
  const facts = policy.ranks.map((rank): At<Fact> => ({
    at: 0,
    value: { type: 'RankStarted', rank, pid: 100 + rank },
  }));
  for (let at = 100; at < ms; at += policy.probeIntervalMs) {
    for (const rank of policy.ranks) {
      const silent = rank === ranks - 1 && at + 3 * policy.probeIntervalMs >= ms;
      facts.push({
        at: at + rank / 8,
        value: silent ? unanswered(rank) : { type: 'ProbeAnswered', rank, status: 200 },
      });
    }
  }
  const last = facts.at(-1)?.at ?? 0;
  for (const rank of policy.ranks) {
    facts.push({ at: last + 900 + rank, value: { type: 'RankExited', rank, code: 0, signal: null } });
    facts.push({ at: last + 950 + rank, value: { type: 'RankCleared', rank } });
  }
  return storyOf(
    facts.sort((a, b) => a.at - b.at),
    policy,
    true,
  );
}

export function unanswered(rank: number, reason = 'timeout'): Fact {
  return { type: 'ProbeFailed', rank, fault: 'server', reason };
}
