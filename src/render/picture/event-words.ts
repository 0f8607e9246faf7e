import type { RankEvent } from '../../../streams/story.ts';

/** What happened to a rank, without saying which. */
export function eventInWords({ kind, text }: Pick<RankEvent, 'kind' | 'text'>): string {
  switch (kind) {
    case 'started':
      return `started (${text})`;
    case 'start-failed':
      return `could not be started: ${text}`;
    case 'exited':
      return `its leader left: ${text}`;
    case 'cleared':
      return text;
    case 'healthy':
    case 'unhealthy':
      return `a probe was answered ${text}`;
    case 'unanswered':
      return `a probe was not answered: ${text}`;
    case 'prober-fault':
      return `a probe could not be made: ${text}`;
    case 'signalled':
    case 'killed':
      return `${text} sent`;
  }
}

/** The same for several: `a probe was not answered: refused (12 times), timeout (once)`. */
export function runInWords({
  kind,
  texts,
}: Pick<RankEvent, 'kind'> & { readonly texts: ReadonlyMap<string, number> }): string {
  const [first, ...more] = [...texts];
  const single = first !== undefined && more.length === 0 && first[1] === 1;
  const text = single ? first[0] : [...texts].map(([value, count]) => `${value} (${times(count)})`).join(', ');
  return eventInWords({ kind, text });
}

function times(count: number): string {
  return count === 1 ? 'once' : `${grouped(count)} times`;
}

/** `138,240`, wherever the program runs. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
