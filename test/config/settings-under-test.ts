// Settings as they are when nothing was said but what a test says.
import { GROUP_OPTIONS, type Settings } from '../../src/config/options.ts';
import { withDefaults } from '../../src/config/settings.ts';

export function settingsOf(said: Partial<Settings> = {}): Settings {
  return withDefaults(GROUP_OPTIONS, said);
}
