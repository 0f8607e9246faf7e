import { GROUP_OPTIONS, type Settings } from '../config/options.ts';
import { read } from '../config/read.ts';
import { type EngineCommand, asItStands, type PortUse, type RankPlace } from './adapter.ts';
import { portIn } from './ports.ts';
import { optionIn, withOption } from './words.ts';

/** An option of a server, by all its spellings, the one to write first. */
export type Spellings = readonly [string, ...string[]];

/** What of a server's usual command line is about the group. */
export interface ServingOptions {
  /** Where its arguments begin. */
  readonly from: number;
  /** Options that mean what an option of ours means. */
  readonly says: Partial<Record<keyof Settings, Spellings>>;
  readonly port: Spellings;
  /** Null: it has none, or listens everywhere. */
  readonly host: Spellings | null;
  /** Ports of its own beside the one that it serves on: local rank i gets the first one + i. */
  readonly ports: readonly {
    readonly option: Spellings;
    readonly use: string;
    /** The first one where COMMAND says none: the port of the first rank and so much more. */
    readonly above: number;
  }[];
}

/**
 * An engine whose ranks are its usual command with another port each. A value that is a placeholder, or holds one, is
 * left to the template.
 */
export function servingCommand(
  command: readonly string[],
  { from, says, port, host, ports }: ServingOptions,
): EngineCommand {
  const value = (names: Spellings) => optionIn(command, from, ...names);
  const isTemplate = (text: string | undefined) => text?.includes('{') === true;
  const said: Record<string, unknown> = {};
  for (const [key, names] of Object.entries({ port, ...says, ...(host === null ? {} : { host }) })) {
    const text = value(names);
    if (text === undefined || isTemplate(text)) continue;
    said[key] = read(GROUP_OPTIONS[key as keyof typeof GROUP_OPTIONS], text, `${names[0]} of COMMAND`);
  }
  const portOf = ({ option, above }: ServingOptions['ports'][number], place: RankPlace): number =>
    portIn(`${option[0]} of COMMAND`, value(option)) ?? place.settings.port + above;
  const spread = ports.filter(({ option }) => !isTemplate(value(option)));

  return {
    ...asItStands(command),
    says: said,
    commandOf(place) {
      let words = command;
      const set = (names: Spellings, text: string) => {
        if (!isTemplate(value(names))) words = withOption(words, from, names, text);
      };
      set(port, '{port}');
      if (host !== null && (value(host) !== undefined || place.said.host !== undefined)) set(host, '{host}');
      for (const extra of spread) set(extra.option, String(portOf(extra, place) + place.localRank));
      return { words, env: {} };
    },
    portsOf: (place) =>
      spread.map((extra): PortUse => ({
        port: portOf(extra, place) + place.localRank,
        use: extra.use,
        rank: place.rank,
      })),
  };
}
