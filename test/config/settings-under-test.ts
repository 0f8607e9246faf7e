// Settings as they are when nothing was said but what a test says, and what is planned with them.
import type { Environment } from '../../src/adapters/adapter.ts';
import { readGroup } from '../../src/config/group.ts';
import { GROUP_OPTIONS, type Settings } from '../../src/config/options.ts';
import { type GroupPlan, plan } from '../../src/config/plan.ts';
import { withDefaults } from '../../src/config/settings.ts';

export function settingsOf(said: Partial<Settings> = {}): Settings {
  return withDefaults(GROUP_OPTIONS, said);
}

/** What `plan` would print of it. */
export function planOf(
  said: Partial<Settings>,
  command: readonly string[],
  environment: Environment = {},
  warnings: readonly string[] = [],
): GroupPlan {
  const { values, launch } = readGroup(GROUP_OPTIONS, { typed: said, behind: [] }, command, environment);
  return plan(values, launch, warnings);
}
