import type { Cause } from '../../../streams/shutdown.ts';
import type { RankStory, Story } from '../../../streams/story.ts';
import { causeInWords, exitInOneLine } from '../words.ts';

/** How a story came out, in one line. */
export function outcomeInWords({ cause, exit }: Story): string {
  if (exit !== null) return exitInOneLine(exit.value);
  return cause === null
    ? 'still running when the record ends'
    : `stopping when the record ends: ${causeInWords(cause.value)}`;
}

/** The ranks that a cause names. */
export function blamedRanks(cause: Cause | undefined): readonly number[] {
  switch (cause?.kind) {
    case 'exited':
    case 'unhealthy':
    case 'start-failed':
      return [cause.rank];
    case 'startup-timeout':
      return cause.waitingFor;
    case 'signal':
    case 'stop-requested':
    case 'listener-failed':
    case 'fault':
    case undefined:
      return [];
  }
}

/** How a rank left, in a few words: `code 17`, `code 0, killed`, `still there`. */
export function howItLeft({ rank, events }: RankStory, { exit }: Story): string {
  const of = (kind: string) => events.find((event) => event.kind === kind);
  if (of('start-failed') !== undefined) return 'never started';
  const killed = of('killed') !== undefined;
  const leader = of('exited')?.text;
  if (of('cleared') === undefined) {
    if (leader !== undefined) return `${leader}, tree stays`;
    if (exit?.value.left.includes(rank)) return 'still there';
    return of('started') === undefined ? 'not started' : 'running';
  }
  if (leader === undefined) return killed ? 'killed' : 'gone';
  if (!killed) return leader;
  return leader === 'SIGKILL' ? 'killed' : `${leader}, killed`;
}
