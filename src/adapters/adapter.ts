import type { StopSignal } from '../../streams/facts.ts';
import type { Settings } from '../config/options.ts';

/** What dp-supervisor knows of one kind of server. All that is particular to it stands in its adapter, and nowhere else. */
export interface Adapter {
  /** Whether COMMAND starts such a server; asked in the order of the adapters, until one says yes. */
  recognises(command: readonly string[], environment: Environment): boolean;
  /** Path that answers 200 when a rank can take traffic, where nobody has said another. */
  readonly healthPath: string;
  /** What asks a rank to leave after a failure, where nobody has said another. */
  readonly stopSignal: StopSignal;
  /** The variable that hides accelerators from it, where it is one of its own. */
  readonly maskVariable?: string;
  /**
   * Reads COMMAND as the server will.
   *
   * @throws DpsError `DPS_USAGE`, `DPS_CONFIG_FILE`
   */
  read(command: readonly string[], environment: Environment): EngineCommand;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A COMMAND that has been read: what it says of the group, and how each rank is started with it. */
export interface EngineCommand {
  /** Options of the group that stand in COMMAND, in the server's own words for them. */
  readonly says: Partial<Settings>;
  /**
   * Whether a rank can be told its devices by an option: it has none; `--devices ids` uses it; it is used by default.
   * `why` says where that is known from.
   */
  readonly deviceOption: { readonly is: 'none' | 'possible' | 'usual'; readonly why: string };
  /** What was found out on the way, for `plan`. */
  notes(group: GroupPlace): readonly string[];
  /** @throws DpsError `DPS_USAGE` when the server cannot be supervised like that */
  check(group: GroupPlace): void;
  /** The command of each rank, in which placeholders are still to be filled. */
  commandOf(rank: RankPlace): RankCommand;
  /** What will not go well, a sentence each. */
  warnings(group: GroupPlace): readonly string[];
  /** Ports that a rank needs beside the one that it serves on; `rank` null: one for all of them. */
  portsOf(rank: RankPlace): readonly PortUse[];
}

/** The group as one rank sees it. */
export interface GroupPlace {
  readonly settings: Settings;
  /** What was said outside of COMMAND; what is not in it is a default. */
  readonly said: Partial<Settings>;
  /** The variables that ranks inherit, with those of `--env` over them. */
  readonly environment: Environment;
  /** Whether devices are told by the server's own option. */
  readonly byDeviceOption: boolean;
}

export interface RankPlace extends GroupPlace {
  readonly rank: number;
  readonly localRank: number;
}

export interface RankCommand {
  readonly words: readonly string[];
  /** Variables that make the rank what it is: stronger than those of `--env`, from which they may have been made. */
  readonly env: Readonly<Record<string, string>>;
}

export interface PortUse {
  readonly port: number;
  /** In a few words: `NIXL side channel`. */
  readonly use: string;
  readonly rank: number | null;
}

/** What an adapter says that has nothing to say: COMMAND is a template, as it stands. */
export function asItStands(command: readonly string[]): EngineCommand {
  return {
    says: {},
    deviceOption: { is: 'none', why: 'it has no option for devices' },
    notes: () => [],
    check: () => undefined,
    commandOf: () => ({ words: command, env: {} }),
    warnings: () => [],
    portsOf: () => [],
  };
}
