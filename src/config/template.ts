/** What a placeholder may be called, in COMMAND and in `--env`. */
export const PLACEHOLDERS = [
  'port',
  'rank',
  'local_rank',
  'size',
  'local_size',
  'node_rank',
  'devices',
  'host',
] as const;

export type Places = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

const PLACE = new RegExp(`\\{(${PLACEHOLDERS.join('|')})\\}`, 'g');

/** Replaces `{port}` and its kind. Any other brace stays as it is, so that JSON survives. */
export function fill(text: string, places: Places): string {
  return text.replace(PLACE, (_, name: keyof Places) => places[name]);
}
