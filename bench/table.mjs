import { median, quantile } from './statistics.mjs';

/**
 * The rows of a table as text, columns aligned.
 *
 * @param figures what was measured, in order: name, what, unit, target and samples
 * @param bareMs what a bare `node -e 0` takes, in milliseconds
 */
export function table(figures, bareMs) {
  const rows = figures.map((figure) => row(figure, bareMs));
  const lines = [['figure', '', 'median', '9 in 10', 'runs', 'target', ''], ...rows];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const isNumber = (column) => column >= 2 && column <= 4;
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function row({ name, what, unit, target, samples, failure }, bareMs) {
  if (samples.length === 0) return [name, what, '-', '-', '0', '', failure === null ? '' : 'failed'];
  const wantsMuch = target?.atLeast !== undefined || unit === 'M lines/s';
  const middle = median(samples);
  // Nine runs in ten are no worse than this.
  const worse = quantile(samples, wantsMuch ? 0.1 : 0.9);
  const bound = boundOf(target, bareMs);
  const value = (number) => `${number.toFixed(number < 10 ? 2 : 1)} ${unit}`;
  return [name, what, value(middle), value(worse), String(samples.length), ...judged(middle, bound, target, unit)];
}

function boundOf(target, bareMs) {
  if (target === null) return null;
  if (target.atMostBareNodes !== undefined) return target.atMostBareNodes * bareMs;
  return target.atMost ?? target.atLeast;
}

function judged(middle, bound, target, unit) {
  if (target === null) return ['', ''];
  if (target.atLeast !== undefined) return [`at least ${bound} ${unit}`, middle >= bound ? 'pass' : 'under'];
  const limit =
    target.atMostBareNodes === undefined
      ? `under ${bound} ${unit}`
      : `under ${target.atMostBareNodes} x bare node (${bound.toFixed(1)} ${unit})`;
  return [limit, middle < bound ? 'pass' : 'over'];
}
