/**
 * The variable by which all that a rank starts can be told: descendants inherit it, in whatever session and under
 * whatever parent. A process may paint over its environment (those that set their title do), so it is one way of several.
 */
export const MARK_NAME = 'DP_SUPERVISOR_MARK';

/** The beginning of the values of one group, which nobody else has. It is no secret: loading cryptography would take longer. */
export function groupMark(): string {
  const word = () => Math.random().toString(36).slice(2);
  return `${process.pid}-${word()}${word()}-`;
}
