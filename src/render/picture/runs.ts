import type { RankEvent } from '../../../streams/story.ts';

/** Events of one kind so near to each other that they are one thing to look at. */
export interface Run extends Pick<RankEvent, 'kind' | 'role'> {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** What they brought, and how often. */
  readonly texts: ReadonlyMap<string, number>;
  /** Times at which a mark is due so that none of the events is without one nearby. The first and the last are. */
  readonly marks: readonly number[];
}

/**
 * Puts together what could not be told apart. Only events of the same kind and role are, each kind by itself, so
 * that one failure among a thousand answers keeps its mark. The cause has a role of its own, so it stays alone.
 *
 * @param near how much time may lie between two events of a run, in milliseconds
 */
export function runsOf(events: readonly RankEvent[], near: (kind: RankEvent['kind']) => number): Run[] {
  const runs: OpenRun[] = [];
  const open = new Map<string, OpenRun>();
  for (const event of events) {
    const key = `${event.kind} ${event.role}`;
    const run = open.get(key);
    if (run !== undefined && event.at - run.to < near(event.kind)) {
      extend(run, event, near(event.kind));
    } else {
      const { kind, role, at, text } = event;
      const begun = { kind, role, from: at, to: at, count: 1, texts: new Map([[text, 1]]), marks: [at] };
      open.set(key, begun);
      runs.push(begun);
    }
  }
  for (const run of runs) if (run.marks.at(-1) !== run.to) run.marks.push(run.to);
  return runs;
}

interface OpenRun extends Run {
  to: number;
  count: number;
  readonly texts: Map<string, number>;
  readonly marks: number[];
}

function extend(run: OpenRun, { at, text }: RankEvent, near: number): void {
  run.to = at;
  run.count += 1;
  run.texts.set(text, (run.texts.get(text) ?? 0) + 1);
  if (at - (run.marks.at(-1) ?? -Infinity) >= near) run.marks.push(at);
}
