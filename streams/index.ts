/** The pure half: facts in, commands out. It imports rxjs and nothing else. */
export type * from './commands.ts';
export { EXIT_STATUS, exitStatus } from './exit-status.ts';
export * from './facts.ts';
export type { Health } from './health.ts';
export { type Lane, type Marble, MarbleError, parseMarbles, printMarbles } from './marble.ts';
export { MEANING, type Meaning, type Phase } from './phases.ts';
export { type At, type Course, play } from './play.ts';
export { DEFAULT_POLICY, graceMs, type Policy, type StartupLimit } from './policy.ts';
export type { LeaderExit, Life, RankState } from './ranks.ts';
export { parseScenario, type Scenario } from './scenario.ts';
export { ScenarioError } from './scenario-error.ts';
export type { Cause } from './shutdown.ts';
export { type GroupState, supervision, type Supervision } from './supervision.ts';
export { check, type Verdict } from './verdict.ts';
export * from './journal.ts';
export { type Divergence, replay, type Replay } from './replay.ts';
export { type RankEvent, type RankEventKind, type RankStory, type Story, storyOf, type Window } from './story.ts';
export { Timeline } from './timeline.ts';
