import type { Cause } from '../../streams/shutdown.ts';
import { ranksInWords } from './words.ts';

/** Bytes of a line, here and in the termination message. */
const LONGEST_LINE = 1_024;
/** Bytes. (kubelet: `MaxContainerTerminationMessageLength`) */
const LONGEST_MESSAGE = 4_096;

/** The rank whose last lines may say why; null when nobody's would. Of several that were waited for, the first. */
export function failedRank(cause: Cause): number | null {
  switch (cause.kind) {
    case 'exited':
    case 'unhealthy':
      return cause.rank;
    case 'startup-timeout':
      return cause.waitingFor[0] ?? null;
    case 'signal':
    case 'stop-requested':
    case 'start-failed':
    case 'listener-failed':
    case 'fault':
      return null;
  }
}

export function lastLinesInWords(rank: number, lines: readonly string[]): string {
  return lines.length === 1
    ? `the last line of ${ranksInWords([rank])}`
    : `the last ${lines.length} lines of ${ranksInWords([rank])}`;
}

/** Cuts a line that is too long to be looked at, and says so. */
export function cutLine(line: string): string {
  return Buffer.byteLength(line) <= LONGEST_LINE ? line : `${firstBytes(line, LONGEST_LINE)} [cut]`;
}

/** How it ended and as many of the newest lines as fit into what Kubernetes takes. */
export function terminationMessage(verdict: string, rank: number | null, lines: readonly string[]): string {
  const head = `${cutLine(verdict)}\n`;
  if (rank === null) return head;
  const label = `the last lines of ${ranksInWords([rank])}:\n`;
  let left = LONGEST_MESSAGE - Buffer.byteLength(head) - Buffer.byteLength(label);
  const newest: string[] = [];
  for (const line of lines.map((each) => `${cutLine(each)}\n`).reverse()) {
    left -= Buffer.byteLength(line);
    if (left < 0) break;
    newest.unshift(line);
  }
  return newest.length === 0 ? head : `${head}${label}${newest.join('')}`;
}

function firstBytes(text: string, bytes: number): string {
  return Buffer.from(text)
    .toString('utf8', 0, bytes)
    .replace(/\uFFFD+$/, '');
}
