/** dp-supervisor as a library: supervise a group, and subscribe to what it does. */
export * from '../streams/index.ts';
export type { Settings } from './config/options.ts';
export type { GroupPlan, RankPlan } from './config/plan.ts';
export type { Sinks } from './drivers/output.ts';
export { stopSignals } from './drivers/signals.ts';
export { DpsError, type ErrorCode } from './errors.ts';
export { type Group, supervise, type SuperviseOptions } from './supervise.ts';
export { causeInWords, exitInOneLine } from './render/words.ts';
export { VERSION } from './version.ts';
