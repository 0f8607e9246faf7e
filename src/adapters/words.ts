import { basename } from 'node:path';

/**
 * Programs that start another one, whose own words follow theirs. A server is looked for only behind these: in any other
 * command line `vllm serve` may be text.
 */
const LAUNCHERS = new Set([
  ...['env', 'exec', 'nohup', 'setsid', 'stdbuf', 'time', 'timeout', 'nice', 'ionice', 'chrt', 'numactl', 'taskset'],
  ...['uv', 'uvx', 'poetry', 'pdm', 'pipenv', 'hatch', 'pixi', 'conda', 'micromamba'],
  ...['tini', 'dumb-init', 'nsys', 'ncu', 'opentelemetry-instrument'],
]);

/** `python`, `python3.12`, `/opt/venv/bin/python3`. */
export function isPython(word: string): boolean {
  return /^python(\d+(\.\d+)*)?$/.test(basename(word));
}

/** Where the words of a server's own command line can begin: at the first word, or behind a launcher's. */
function isBehindLauncher(command: readonly string[], index: number): boolean {
  const [first = ''] = command;
  return index === 0 || LAUNCHERS.has(basename(first)) || isPython(first);
}

/** Where something is looked for: behind a launcher, or, when somebody has said that it is there, anywhere. */
export interface Looking {
  readonly anywhere: boolean;
}

const CAREFULLY: Looking = { anywhere: false };

/**
 * Where the arguments of a program begin that is called by its name; null where it is not called.
 *
 * @param words the program's name, and the subcommand behind it where it has one
 */
export function behindProgram(
  command: readonly string[],
  words: readonly [string, ...string[]],
  { anywhere } = CAREFULLY,
): number | null {
  const [program, ...subcommand] = words;
  const index = command.findIndex(
    (word, at) =>
      basename(word) === program &&
      subcommand.every((expected, offset) => command[at + 1 + offset] === expected) &&
      (anywhere || isBehindLauncher(command, at)),
  );
  return index === -1 ? null : index + words.length;
}

/** The same for `python -m MODULE ...` and `python -mMODULE ...`. */
export function behindModule(command: readonly string[], module: string, { anywhere } = CAREFULLY): number | null {
  const isApart = (at: number) => command[at] === '-m' && command[at + 1] === module;
  const index = command.findIndex(
    (word, at) => at > 0 && (isApart(at) || word === `-m${module}`) && (anywhere || isBehindLauncher(command, at)),
  );
  if (index === -1) return null;
  return isApart(index) ? index + 2 : index + 1;
}

/** The variables that `env NAME=VALUE ... PROGRAM` sets at the beginning of a command. */
export function assignmentsOf(command: readonly string[]): Readonly<Record<string, string>> {
  if (basename(command[0] ?? '') !== 'env') return {};
  const pairs = command.slice(1).map((word) => /^([A-Za-z_]\w*)=(.*)$/s.exec(word));
  const end = pairs.findIndex((pair) => pair === null);
  const leading = end === -1 ? pairs : pairs.slice(0, end);
  return Object.fromEntries(leading.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

/**
 * Reads and rewrites options of a server whose command line is the usual one: `--name value` or `--name=value`, the
 * last one wins.
 *
 * @param names every spelling of one option
 * @param from where the server's arguments begin
 */
export function optionIn(command: readonly string[], from: number, ...names: readonly string[]): string | undefined {
  let value: string | undefined;
  command.forEach((word, index) => {
    if (index < from) return;
    if (names.includes(word)) value = command[index + 1];
    const name = names.find((candidate) => word.startsWith(`${candidate}=`));
    if (name !== undefined) value = word.slice(name.length + 1);
  });
  return value;
}

/** The same command with the option set: where it stands, or else behind all the rest. The first spelling is written. */
export function withOption(
  command: readonly string[],
  from: number,
  names: readonly [string, ...string[]],
  value: string,
): readonly string[] {
  const rest: string[] = [];
  let place = -1;
  for (let index = 0; index < command.length; index += 1) {
    const word = command[index] ?? '';
    const stands = index >= from && names.includes(word);
    if (!stands && !(index >= from && names.some((name) => word.startsWith(`${name}=`)))) {
      rest.push(word);
      continue;
    }
    if (place === -1) place = rest.length;
    if (stands) index += 1;
  }
  return rest.toSpliced(place === -1 ? rest.length : place, 0, names[0], value);
}
