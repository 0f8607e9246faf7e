import type { Policy } from '../../streams/policy.ts';
import { quoted } from '../../streams/quoted.ts';
import { ScenarioError } from '../../streams/scenario-error.ts';
import { ScenarioPolicy, SETTINGS } from '../../streams/scenario-policy.ts';
import { suggestion } from '../config/suggestion.ts';
import { DpsError } from '../errors.ts';

/** What can be asked "what if" about: all that a policy line of a scenario may set, but for the ranks themselves. */
const CHANGEABLE = SETTINGS.filter((setting) => setting !== 'ranks');

/**
 * The recorded policy with other settings, by their names in a scenario. A bare number is seconds.
 *
 * @throws DpsError `DPS_USAGE`
 */
export async function changedPolicy(recorded: Policy, pairs: Readonly<Record<string, string>>): Promise<Policy> {
  const settings = new ScenarioPolicy(recorded);
  for (const [name, value] of Object.entries(pairs)) {
    if (name === 'ranks') throw new DpsError('DPS_USAGE', '--set ranks: the ranks are those of the recording');
    if (!CHANGEABLE.some((setting) => setting === name)) await refuse(name);
    said(name, () => settings.set(name, value, 0));
  }
  const policy = said('', () => settings.policy());
  const intervals = [policy.startupProbeIntervalMs, policy.probeIntervalMs, policy.probeTimeoutMs];
  if (intervals.some((ms) => ms === 0)) {
    throw new DpsError('DPS_USAGE', '--set: expected intervals and timeouts of probes longer than nothing, got 0');
  }
  return policy;
}

function said<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new DpsError('DPS_USAGE', `--set${name === '' ? '' : ` ${name}`}: ${error.message}`);
  }
}

/** The supervisor's own options have longer names for the same settings. */
async function refuse(name: string): Promise<never> {
  const short = name
    .replace(/^-*(dp-supervisor-)?/, '')
    .replace(/-s$/, '')
    .replaceAll('_', '-');
  const hint = CHANGEABLE.some((setting) => setting === short)
    ? `; did you mean ${short}?`
    : await suggestion(short, CHANGEABLE);
  throw new DpsError(
    'DPS_USAGE',
    `--set: ${quoted(name)} is no setting${hint || `; expected one of ${CHANGEABLE.join(', ')}`}`,
  );
}
