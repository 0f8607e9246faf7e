import { STOP_SIGNALS, type StopSignal } from './facts.ts';
import { DEFAULT_POLICY, LIMITS, type Policy } from './policy.ts';
import { quoted } from './quoted.ts';
import { ScenarioError } from './scenario-error.ts';

/** What a policy line may set. `startup-timeout` 0 is none, `second-signal-after` may be `never`. */
export const SETTINGS = [
  'ranks',
  'startup-probe-interval',
  'probe-interval',
  'probe-timeout',
  'probe-failure-threshold',
  'startup-timeout',
  'drain-delay',
  'stop-signal',
  'shutdown-timeout',
  'exit-grace',
  'kill-wait',
  'second-signal-after',
] as const;

type Setting = (typeof SETTINGS)[number];

const NEVER = 'never';
const DEFAULTS: Policy = { ...DEFAULT_POLICY, ranks: [0, 1] };

/** The policy of a scenario: the defaults, or another one to begin with, and what its policy lines say. */
export class ScenarioPolicy {
  readonly #said = new Map<Setting, { text: string; line: number }>();
  readonly #base: Policy;

  constructor(base = DEFAULTS) {
    this.#base = base;
  }

  /** @throws ScenarioError when a pair is no `NAME=VALUE` that a policy knows */
  read(pairs: string, line: number): void {
    for (const pair of pairs.split(/\s+/)) {
      const [name = '', text = ''] = pair.split('=');
      this.set(name, text, line);
    }
  }

  /** @throws ScenarioError when a policy knows no such setting, or nothing is said of it */
  set(name: string, text: string, line: number): void {
    const setting = SETTINGS.find((candidate) => candidate === name);
    if (setting === undefined) {
      throw new ScenarioError(
        `${quoted(name)} is no setting of a policy: expected one of ${SETTINGS.join(', ')}`,
        line,
      );
    }
    if (text === '') throw new ScenarioError(`"${name}" has no value: expected ${name}=...`, line);
    this.#said.set(setting, { text, line });
  }

  /** @throws ScenarioError when a value is none */
  policy(): Policy {
    const base = this.#base;
    const startupTimeout = this.#time('startup-timeout', limitMs(base));
    return {
      ranks: this.#said.has('ranks')
        ? Array.from({ length: this.#count('ranks', 1, LIMITS.ranks) }, (_, rank) => rank)
        : base.ranks,
      startupProbeIntervalMs: this.#time('startup-probe-interval', base.startupProbeIntervalMs),
      probeIntervalMs: this.#time('probe-interval', base.probeIntervalMs),
      probeTimeoutMs: this.#time('probe-timeout', base.probeTimeoutMs),
      probeFailureThreshold: this.#count('probe-failure-threshold', base.probeFailureThreshold, LIMITS.failures),
      startupLimit: startupTimeout === 0 ? { kind: 'none' } : { kind: 'within', ms: startupTimeout },
      drainDelayMs: this.#time('drain-delay', base.drainDelayMs),
      stopSignal: this.#signal('stop-signal', base.stopSignal),
      shutdownTimeoutMs: this.#time('shutdown-timeout', base.shutdownTimeoutMs),
      exitGraceMs: this.#time('exit-grace', base.exitGraceMs),
      killWaitMs: this.#time('kill-wait', base.killWaitMs),
      secondSignalAfterMs: this.#never('second-signal-after')
        ? Infinity
        : this.#time('second-signal-after', base.secondSignalAfterMs),
    };
  }

  #time(setting: Setting, otherwise: number): number {
    const said = this.#said.get(setting);
    return said === undefined ? otherwise : parseDuration(said.text, said.line);
  }

  #never(setting: Setting): boolean {
    return this.#said.get(setting)?.text === NEVER;
  }

  #signal(setting: Setting, otherwise: StopSignal): StopSignal {
    const said = this.#said.get(setting);
    if (said === undefined) return otherwise;
    const signal = STOP_SIGNALS.find((candidate) => candidate === said.text);
    if (signal !== undefined) return signal;
    throw new ScenarioError(
      `${quoted(`${setting}=${said.text}`)}: expected one of ${STOP_SIGNALS.join(', ')}`,
      said.line,
    );
  }

  #count(setting: Setting, otherwise: number, most: number): number {
    const said = this.#said.get(setting);
    if (said === undefined) return otherwise;
    if (/^[1-9]\d*$/.test(said.text) && Number(said.text) <= most) return Number(said.text);
    throw new ScenarioError(
      `${quoted(`${setting}=${said.text}`)}: expected a whole number from 1 to ${most}`,
      said.line,
    );
  }
}

/** What a policy line would have to say: the number of ranks, and what differs from the defaults. */
export function policyInPairs(policy: Policy): string {
  const [pairs, usual] = [pairsOf(policy), pairsOf(DEFAULTS)];
  const told = SETTINGS.filter((setting) => setting === 'ranks' || pairs[setting] !== usual[setting]);
  return told.map((setting) => `${setting}=${pairs[setting]}`).join(' ');
}

function pairsOf(policy: Policy): Readonly<Record<Setting, string>> {
  return {
    ranks: String(policy.ranks.length),
    'startup-probe-interval': inUnits(policy.startupProbeIntervalMs),
    'probe-interval': inUnits(policy.probeIntervalMs),
    'probe-timeout': inUnits(policy.probeTimeoutMs),
    'probe-failure-threshold': String(policy.probeFailureThreshold),
    'startup-timeout': inUnits(limitMs(policy)),
    'drain-delay': inUnits(policy.drainDelayMs),
    'stop-signal': policy.stopSignal,
    'shutdown-timeout': inUnits(policy.shutdownTimeoutMs),
    'exit-grace': inUnits(policy.exitGraceMs),
    'kill-wait': inUnits(policy.killWaitMs),
    'second-signal-after': policy.secondSignalAfterMs === Infinity ? NEVER : inUnits(policy.secondSignalAfterMs),
  };
}

function limitMs({ startupLimit }: Policy): number {
  return startupLimit.kind === 'none' ? 0 : startupLimit.ms;
}

/** Whole seconds as such, all else in milliseconds. */
function inUnits(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

const UNITS_MS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
]);

/**
 * `250ms`, `5s`, `2m`, or a bare number of seconds, in milliseconds.
 *
 * @throws ScenarioError
 */
export function parseDuration(text: string, line: number): number {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (count === undefined)
    throw new ScenarioError(`${quoted(text)}: expected a duration such as 250ms, 5s or 2m`, line);
  const ms = Number(count) * (UNITS_MS.get(unit) ?? NaN);
  if (ms <= LIMITS.durationMs) return ms;
  throw new ScenarioError(`${quoted(text)}: expected at most ${LIMITS.durationMs / 1_000} seconds`, line);
}
