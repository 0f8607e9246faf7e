/** Without control characters: what is told neither ends a line nor speaks to the terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
