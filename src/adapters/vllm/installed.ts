import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../adapter.ts';
import { isPython } from '../words.ts';

/** A vLLM that COMMAND would start, as far as that can be seen without starting it. */
export interface Installed {
  /** `0.32.0`, without what a build has added to it. */
  readonly version: string;
}

/**
 * What the versions of vLLM do by themselves, and since when. (Read from the sources of 0.10.0 to 0.32.0.)
 *
 * Since its first version with data-parallel ranks behind a load balancer, vLLM adds the rank to the NIXL side channel's
 * port, to the ports of KV events, and to the folder of its compile cache.
 */
export const SINCE = {
  /** `--device-ids`. */
  deviceIds: '0.24.0',
  /** The number of the rank in the whole group at the end of `engine_id`; before, that among the ranks of its server. */
  rankInEngineId: '0.24.0',
} as const;

/** False where it is not known which vLLM it is. */
export function isSince(installed: Installed | null, since: string): boolean {
  if (installed === null) return false;
  const [has, needs] = [installed.version, since].map((version) => version.split('.').map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (has?.[part] ?? 0) - (needs?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Looks for the package beside the program that COMMAND names; null where there is none to be seen. */
export function installedVllm(command: readonly string[], environment: Environment): Installed | null {
  try {
    return lookedFor(command, environment);
  } catch {
    return null; // What cannot be looked into shows nothing.
  }
}

function lookedFor(command: readonly string[], environment: Environment): Installed | null {
  for (const prefix of prefixes(command, environment)) {
    for (const packages of sitePackages(prefix)) {
      const version = versionIn(join(packages, 'vllm', '_version.py'));
      if (version !== null) return { version };
    }
  }
  return null;
}

/** Where the programs of COMMAND are installed, and the virtual environments that a launcher would use. */
function prefixes(command: readonly string[], environment: Environment): readonly string[] {
  const isProgram = (word: string) => isPython(word) || /(^|\/)vllm$/.test(word);
  const programs = command.filter(isProgram).flatMap((word) => found(word, environment));
  const virtual = [environment['VIRTUAL_ENV'], environment['UV_PROJECT_ENVIRONMENT'], '.venv'];
  return [
    ...programs.flatMap((program) => [dirname(dirname(program)), dirname(dirname(realpathSync(program)))]),
    ...virtual.filter((path) => path !== undefined),
  ];
}

function found(program: string, environment: Environment): readonly string[] {
  if (program.includes('/')) return existsSync(program) ? [program] : [];
  const candidates = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  return candidates.filter((path) => existsSync(path)).slice(0, 1);
}

function sitePackages(prefix: string): readonly string[] {
  const libraries = join(prefix, 'lib');
  const versions = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.startsWith('python3')) : [];
  return versions.flatMap((name) => ['site-packages', 'dist-packages'].map((kind) => join(libraries, name, kind)));
}

function versionIn(path: string): string | null {
  if (!existsSync(path)) return null;
  return /version = ['"](\d+\.\d+(?:\.\d+)?)/.exec(readFileSync(path, 'utf8'))?.[1] ?? null;
}
