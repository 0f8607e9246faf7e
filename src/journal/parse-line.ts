import type { Command } from '../../streams/commands.ts';
import { type Fact, STOP_SIGNALS } from '../../streams/facts.ts';
import type { JournalEntry, JournalGap, JournalHeader } from '../../streams/journal.ts';
import { LIMITS, type Policy } from '../../streams/policy.ts';
import { cut } from '../../streams/quoted.ts';

/** What a line other than the first may be. */
export type BodyLine = JournalEntry | JournalGap;

/**
 * Takes what one line behind the header says, and lets nothing through that the core could not take.
 *
 * @throws Error with what was expected
 */
export function bodyLine(line: unknown): BodyLine {
  if (!isObject(line)) throw new Error('expected a JSON object');
  if (isObject(line['gap']) && isCount(line['gap']['from']) && isCount(line['gap']['to'])) {
    return line as unknown as JournalGap;
  }
  if (!isCount(line['seq']) || !isTime(line['t'])) throw new Error('expected an entry with "seq" and "t"');
  const { fact, command } = line;
  if (fact === undefined) check('command', command, COMMANDS);
  else check('fact', fact, FACTS);
  return line as unknown as JournalEntry;
}

/**
 * Reads the first line.
 *
 * @throws Error with what was expected
 */
export function parseHeader(text: string): { readonly v: number; readonly header: unknown } {
  let line;
  try {
    line = parseJson(text);
  } catch {
    line = null;
  }
  if (!isObject(line) || !isCount(line['v'])) {
    throw new Error('expected the header of a journal, {"v":1,"header":{...}}');
  }
  return { v: line['v'], header: line['header'] };
}

/** Of a version that this program reads. */
export function isHeader(header: unknown): header is JournalHeader {
  return (
    isObject(header) &&
    typeof header['version'] === 'string' &&
    typeof header['startedAt'] === 'string' &&
    Array.isArray(header['ranks']) &&
    isPolicy(header['policy'])
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws Error with what was expected */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
}

function check(kind: string, value: unknown, table: Readonly<Record<string, (fields: Fields) => boolean>>): void {
  if (!isObject(value)) throw new Error('expected an entry with a "fact" or a "command"');
  const { type } = value;
  const isWhole = typeof type === 'string' && Object.hasOwn(table, type) ? table[type] : undefined;
  if (isWhole === undefined) throw new Error(`there is no ${kind} of type ${cut(String(JSON.stringify(type)))}`);
  if (!isWhole(value)) throw new Error(`the ${kind} ${String(type)} is not whole`);
}

const isSignal = (value: unknown) => STOP_SIGNALS.some((signal) => signal === value);
const hasRank = ({ rank }: Fields) => isNatural(rank);

const FACTS: Readonly<Record<Fact['type'], (fields: Fields) => boolean>> = {
  RankStarted: (fact) => hasRank(fact) && isNatural(fact['pid']),
  RankStartFailed: (fact) => hasRank(fact) && typeof fact['error'] === 'string',
  RankExited: (fact) =>
    hasRank(fact) &&
    (fact['signal'] === null ? isNatural(fact['code']) : fact['code'] === null && typeof fact['signal'] === 'string'),
  RankCleared: hasRank,
  ProbeAnswered: (fact) => hasRank(fact) && isNatural(fact['status']),
  ProbeFailed: (fact) =>
    hasRank(fact) && (fact['fault'] === 'server' || fact['fault'] === 'prober') && typeof fact['reason'] === 'string',
  SignalReceived: (fact) => isSignal(fact['signal']),
  StopRequested: (fact) => typeof fact['reason'] === 'string',
  ListenerFailed: (fact) => typeof fact['error'] === 'string',
  SupervisorFailed: (fact) => typeof fact['error'] === 'string' && typeof fact['stack'] === 'string',
};

const COMMANDS: Readonly<Record<Command['type'], (fields: Fields) => boolean>> = {
  StartRank: hasRank,
  ProbeRank: hasRank,
  SignalRank: (command) => hasRank(command) && isSignal(command['signal']),
  KillRank: hasRank,
  Exit: (command) =>
    isNatural(command['status']) &&
    isObject(command['cause']) &&
    Array.isArray(command['killed']) &&
    Array.isArray(command['left']) &&
    (command['secondSignal'] === undefined || isSignal(command['secondSignal'])),
};

/** Durations of nothing are legal, but not for what is asked again and again. */
function isPolicy(policy: unknown): policy is Policy {
  if (!isObject(policy)) return false;
  const { ranks, startupLimit } = policy;
  return (
    Array.isArray(ranks) &&
    ranks.length > 0 &&
    ranks.length <= LIMITS.ranks &&
    ranks.every(isNatural) &&
    [policy['startupProbeIntervalMs'], policy['probeIntervalMs'], policy['probeTimeoutMs']].every(isLength) &&
    isCount(policy['probeFailureThreshold']) &&
    policy['probeFailureThreshold'] <= LIMITS.failures &&
    [policy['drainDelayMs'], policy['shutdownTimeoutMs'], policy['exitGraceMs'], policy['killWaitMs']].every(
      isDuration,
    ) &&
    (policy['secondSignalAfterMs'] === undefined || isDuration(policy['secondSignalAfterMs'])) &&
    (policy['stopSignal'] === undefined || isSignal(policy['stopSignal'])) &&
    isObject(startupLimit) &&
    (startupLimit['kind'] === 'none' || (startupLimit['kind'] === 'within' && isLength(startupLimit['ms'])))
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LIMITS.at;
}

function isDuration(value: unknown): value is number {
  return isTime(value) && value <= LIMITS.durationMs;
}

function isLength(value: unknown): value is number {
  return isDuration(value) && value > 0;
}
