/**
 * `; did you mean X?` when there is an X near enough to what was typed, else nothing. Near enough is a slip
 * of the fingers, or a part of a longer name: `--supervisor-port`.
 */
export async function suggestion(typed: string, known: readonly string[]): Promise<string> {
  if (typed.length > LONGEST_NAME) return '';
  const { closest, distance } = await import('fastest-levenshtein');
  const best = closest(typed, known as string[]);
  if (distance(typed, best) <= slips(typed)) return `; did you mean ${best}?`;

  const words = wordsOf(typed);
  const longer = known.filter((name) => words.every((word) => wordsOf(name).includes(word)));
  return longer.length > 0 && longer.length <= MOST_LONGER ? `; did you mean ${longer.join(' or ')}?` : '';
}

/** Whatever is longer is no slip, and would take its time to compare. */
const LONGEST_NAME = 80;

/** As many names as still help. */
const MOST_LONGER = 4;

/** How many letters may be wrong. In a name of one letter, none: any other letter would be as near. */
function slips(typed: string): number {
  const { length } = typed.replace(/^-+/, '');
  if (length < 2) return 0;
  return length < 4 ? 1 : Math.max(2, length / 3);
}

function wordsOf(name: string): string[] {
  return name.split(/[-_]/).filter((word) => word !== '');
}
