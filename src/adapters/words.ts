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

/**
 * Where the arguments of `PROGRAM ...` begin, for a program that is called by its name; null where it is not called.
 *
 * @param anywhere behind whatever words: somebody has said that it is there
 */
export function behindProgram(command: readonly string[], program: string, anywhere = false): number | null {
  const index = command.findIndex(
    (word, at) => basename(word) === program && (anywhere || isBehindLauncher(command, at)),
  );
  return index === -1 ? null : index + 1;
}

/** The same for `python -m MODULE ...`. */
export function behindModule(command: readonly string[], module: string, anywhere = false): number | null {
  const index = command.findIndex((word, at) => word === '-m' && command[at + 1] === module);
  return index > 0 && (anywhere || isBehindLauncher(command, index)) ? index + 2 : null;
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
