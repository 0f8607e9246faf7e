import { DpsError } from '../../errors.ts';
import { behindModule, behindProgram, type Looking } from '../words.ts';
import { type Argument, readArguments } from './command-line.ts';
import { wordsOfConfigFile } from './config-file.ts';

/** Modules that are vLLM's server, and the one that is all of vLLM's command line. */
const SERVERS = ['vllm.entrypoints.openai.api_server', 'vllm.entrypoints.launchers.api_server.entry'];
const COMMAND_LINE = 'vllm.entrypoints.cli.main';
const SUBCOMMAND = 'serve';

/** Options that are as good as missing when they are said to be nothing. (vLLM: `optional_type`) */
const OPTIONAL: ReadonlySet<string> = new Set([
  ...['host', 'uds', 'grpc-port', 'ssl-keyfile', 'ssl-certfile', 'ssl-ca-certs'],
]);

/** A command line of vLLM's server, read. */
export interface Server {
  /** The words before its arguments: `env A=B uv run vllm serve`. */
  readonly before: readonly string[];
  /** What was typed, in order. */
  readonly typed: readonly Argument[];
  /** What stands in the file of `--config`, in order: weaker than what was typed. */
  readonly filed: readonly Argument[];
  /** Whether its first plain word is the model. */
  readonly hasSubcommand: boolean;
  /** The value that is in force; null where there is none. The last one wins. */
  value(option: string): string | null;
  /** Whether the option is on; `no-OPTION` switches it off again. */
  isOn(option: string): boolean;
  has(option: string): boolean;
}

/** Where the arguments of vLLM's server begin in COMMAND; null when it starts none. */
export function findServer(
  command: readonly string[],
  looking?: Looking,
): { readonly at: number; readonly hasSubcommand: boolean } | null {
  const program = behindProgram(command, ['vllm', SUBCOMMAND], looking);
  if (program !== null) return { at: program, hasSubcommand: true };
  const all = behindModule(command, COMMAND_LINE, looking);
  if (all !== null && command[all] === SUBCOMMAND) return { at: all + 1, hasSubcommand: true };
  const at = SERVERS.map((module) => behindModule(command, module, looking)).find((found) => found !== null);
  return at === undefined || at === null ? null : { at, hasSubcommand: false };
}

/** @throws DpsError `DPS_USAGE`, `DPS_CONFIG_FILE` */
export function readServer(command: readonly string[]): Server {
  const found = findServer(command, { anywhere: true });
  if (found === null) {
    throw new DpsError(
      'DPS_USAGE',
      '--engine vllm: expected `vllm serve ...` in COMMAND; see docs/reference/engines.md',
    );
  }
  const typed = readArguments(command.slice(found.at));
  const filed = readArguments(fileWords(typed, found.hasSubcommand));
  const inForce = [...filed, ...typed];
  const last = (...options: readonly string[]) =>
    inForce.findLast(({ option }) => option !== null && options.includes(option));
  return {
    before: command.slice(0, found.at),
    typed,
    filed,
    hasSubcommand: found.hasSubcommand,
    value: (option) => {
      const value = last(option)?.value ?? null;
      return OPTIONAL.has(option) && (value === '' || value === 'None') ? null : value;
    },
    isOn: (option) => last(option, `no-${option}`)?.option === option,
    has: (option) => last(option) !== undefined,
  };
}

/** vLLM reads a file only where the option stands alone, with the file in the next word. */
export function isConfigFile({ option, words }: Argument): boolean {
  return option === 'config' && words[0] === '--config';
}

function fileWords(typed: readonly Argument[], hasSubcommand: boolean): readonly string[] {
  const files = typed.filter(isConfigFile);
  if (files.length > 1) throw new DpsError('DPS_USAGE', 'vLLM: --config: expected one file, got several');
  const [path] = files.map(({ value }) => value);
  return path === undefined || path === null ? [] : wordsOfConfigFile(path, hasSubcommand);
}
