import { DpsError } from '../errors.ts';

/**
 * A port that stands in COMMAND or in a variable; null where there is none, and where a placeholder stands for it.
 *
 * @param where how the user knows it
 * @throws DpsError `DPS_USAGE` when it is none
 */
export function portIn(where: string, text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.includes('{')) return null;
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
  throw new DpsError('DPS_USAGE', `${where}: expected a whole number from 1 to 65535, got "${text}"`);
}
