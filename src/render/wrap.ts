/**
 * Breaks lines between words so that none is wider than a terminal, unless that is too narrow for any words; what
 * follows is set in a little.
 */
export function wrap(lines: readonly string[], columns: number): readonly string[] {
  const width = Math.max(columns, NARROWEST);
  return lines.flatMap((line) => {
    const broken: string[] = [];
    let rest = line;
    while (rest.length > width) {
      const blank = rest.lastIndexOf(' ', width);
      const isInside = blank > SET_IN.length;
      broken.push(rest.slice(0, isInside ? blank : width));
      rest = SET_IN + rest.slice(isInside ? blank + 1 : width);
    }
    return [...broken, rest];
  });
}

const SET_IN = '  ';
/** Columns below which there is no room for a word behind what is set in. */
const NARROWEST = 8;
