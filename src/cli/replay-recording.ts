import { readFileSync } from 'node:fs';
import type { Fact } from '../../streams/facts.ts';
import type { At } from '../../streams/play.ts';
import type { Policy } from '../../streams/policy.ts';
import { parseScenario } from '../../streams/scenario.ts';
import { ScenarioError } from '../../streams/scenario-error.ts';
import { type Story, storyOf } from '../../streams/story.ts';
import { check } from '../../streams/verdict.ts';
import { DpsError } from '../errors.ts';
import { openJournal } from './replay-journal.ts';

/** A file to replay: a journal or a scenario. */
export interface Recording {
  readonly path: string;
  /** What it is, in one line. */
  readonly title: string;
  /** What has to be known about it, a line each. */
  readonly remarks: readonly string[];
  readonly policy: Policy;
  readonly facts: readonly At<Fact>[];
  /** How far it goes, in milliseconds. */
  readonly until: number;
  readonly story: Story;
  /** Where the picture begins; undefined for the beginning. */
  readonly drawFrom: number | undefined;
  /** Replays it. */
  verdict(): Verdict;
}

/** What a replay came to. */
export interface Verdict {
  readonly same: boolean;
  /** In words. */
  readonly lines: readonly string[];
  /** To be seen one above the other, however wide they are. */
  readonly lanes?: readonly string[];
}

/** @throws DpsError `DPS_RECORDING` when it is neither a journal nor a scenario that can be read */
export function openRecording(path: string): Recording {
  return path.endsWith('.marble') ? openScenario(path) : openJournal(path);
}

function openScenario(path: string): Recording {
  let scenario;
  try {
    scenario = parseScenario(readFileSync(path, 'utf8'));
  } catch (error) {
    const { message } = error as Error;
    throw new DpsError(
      'DPS_RECORDING',
      error instanceof ScenarioError
        ? `${path}: line ${error.line}: ${message}`
        : `cannot read the scenario: ${message}`,
    );
  }
  const { title, policy, facts, end } = scenario;
  return {
    path,
    title,
    remarks: [],
    policy,
    facts,
    until: end,
    story: storyOf(facts, policy, true, end),
    drawFrom: undefined,
    verdict: () => {
      const { holds, report } = check(scenario);
      return holds
        ? { same: true, lines: ['the same: the scenario holds'] }
        : { same: false, lines: ['different: the scenario does not hold', ''], lanes: report.split('\n') };
    },
  };
}
