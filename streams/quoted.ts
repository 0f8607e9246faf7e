/** So much of what somebody wrote is said again to them. */
const MOST_CHARACTERS = 80;

/** What somebody wrote, for a message about it: in quotation marks, on one line, and of a long text the beginning. */
export function quoted(text: string): string {
  return JSON.stringify(cut(text));
}

/** The same without quotation marks, for what is on one line already. */
export function cut(text: string, most = MOST_CHARACTERS): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}
