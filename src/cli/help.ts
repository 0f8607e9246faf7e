import { EXIT_STATUS } from '../../streams/exit-status.ts';
import { type Option, variableOf } from '../config/option.ts';
import { expectation } from '../config/read.ts';
import { PLACEHOLDERS } from '../config/template.ts';
import { SUBCOMMANDS, SUPERVISE, type Topic } from './topics.ts';

/** The text of `--help`, from the tables that the program itself reads. */
export function help(topic: Topic): string {
  const options = Object.values(topic.options);
  const groups = [...new Set(options.map(({ group }) => group))].map((group) => {
    const rows = options.filter((option) => option.group === group).map((option) => [spelling(option), about(option)]);
    return `${group}:\n${columns(rows)}`;
  });
  const sections = [`Usage: ${topic.usage}`, topic.summary, ...groups];
  if (topic === SUPERVISE) sections.splice(2, 0, subcommands());
  if (topic === SUPERVISE) sections.push(placeholders(), sources(), statuses());
  return `${sections.join('\n\n')}\n`;
}

/** `-dp, --data-parallel-size N`. */
export function spelling({ name, short, placeholder }: Option): string {
  return `${short === undefined ? '' : `${short}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`;
}

/** The default in words; null where there is none, or where the help already says what happens instead. */
export function defaultInWords(option: Option): string | null {
  const value = 'default' in option ? option.default : undefined;
  return value === undefined ? null : String(value);
}

function about(option: Option): string {
  const choices = option.type === 'choice' ? ` (${expectation(option)})` : '';
  const otherwise = defaultInWords(option);
  return `${option.help}${choices}${otherwise === null ? '' : ` [${otherwise}]`}`;
}

function subcommands(): string {
  return `Other uses:\n${columns([...SUBCOMMANDS.values()].map(({ usage, summary }) => [usage, summary]))}`;
}

function placeholders(): string {
  const names = PLACEHOLDERS.map((name) => `{${name}}`).join(' ');
  return `In COMMAND and --env these are replaced, for each rank: ${names}.\nAny other brace stays as it is. No shell is involved.`;
}

function sources(): string {
  const variable = variableOf(SUPERVISE.options['shutdownTimeout'] as Option);
  return `Durations are seconds. What is typed is believed first, then the environment (${variable}),\nthen the file, then the default.`;
}

function statuses(): string {
  return `Exit status:\n${columns(Object.values(EXIT_STATUS).map(({ status, meaning }) => [String(status), meaning]))}`;
}

/** Two columns; a first cell that is too long for its column gets a line of its own. */
function columns(rows: readonly (readonly string[])[]): string {
  const width = Math.min(34, Math.max(...rows.map(([first = '']) => first.length)));
  return rows
    .map(([first = '', second = '']) =>
      first.length > width ? `  ${first}\n  ${' '.repeat(width)}  ${second}` : `  ${first.padEnd(width)}  ${second}`,
    )
    .join('\n');
}
