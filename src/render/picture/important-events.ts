import type { RankEvent, Story } from '../../../streams/story.ts';
import { causeInWords, exitInOneLine, ranksInWords } from '../words.ts';
import { eventInWords, grouped } from './event-words.ts';
import type { Frame } from './frame.ts';
import { WINDOW_NAMES } from './group-rows.ts';
import { exactTime } from './time.ts';

/** One line of the table: something that happened once, or to several ranks or several times in a row. */
export interface ImportantEvent {
  readonly from: number;
  readonly to: number;
  readonly who: string;
  readonly what: string;
  readonly role: RankEvent['role'];
}

/**
 * Everything but healthy answers, in order. The same of several ranks, or several times, is one line, unless some
 * probe intervals lie in between or something that concerns the whole group.
 */
export function importantEvents(frame: Frame): ImportantEvent[] {
  const found = [...rankEvents(frame), ...groupEvents(frame.story)].filter(({ at }) => frame.shows(at));
  found.sort((a, b) => a.at - b.at || a.order - b.order);
  const near = 3 * frame.story.policy.probeIntervalMs;
  const gathered: Gathered[] = [];
  const open = new Map<string, Gathered>();
  for (const event of found) {
    const key = `${event.role} ${event.what}`;
    const same = open.get(key);
    if (event.rank === null || event.role === 'cause') open.clear();
    if (event.rank !== null && same !== undefined && event.role !== 'cause' && event.at - same.to <= near) {
      same.to = event.at;
      same.count += 1;
      same.ranks.add(event.rank);
    } else {
      const begun = { ...event, to: event.at, count: 1, ranks: new Set(event.rank === null ? [] : [event.rank]) };
      gathered.push(begun);
      if (event.rank !== null && event.role !== 'cause') open.set(key, begun);
    }
  }
  return gathered.map(lineOf);
}

function lineOf({ at, to, role, what, count, ranks }: Gathered): ImportantEvent {
  return {
    from: at,
    to,
    role,
    who: ranks.size === 0 ? 'group' : ranksInWords([...ranks].sort((a, b) => a - b)),
    what: count > Math.max(ranks.size, 1) ? `${what} (${grouped(count)} times)` : what,
  };
}

interface Found {
  readonly at: number;
  /** Of events of the same time: what caused comes before what was caused. */
  readonly order: number;
  readonly rank: number | null;
  readonly what: string;
  readonly role: RankEvent['role'];
}

interface Gathered extends Found {
  to: number;
  count: number;
  readonly ranks: Set<number>;
}

function rankEvents({ lanes }: Frame): Found[] {
  return lanes.flatMap(({ rank, events }) =>
    events
      .filter(({ kind }) => kind !== 'healthy')
      .map((event) => {
        const isCommand = event.kind === 'signalled' || event.kind === 'killed';
        // Each has another process id, which would keep them apart.
        const what = event.kind === 'started' ? 'started' : eventInWords(event);
        return { at: event.at, order: isCommand ? 4 : 1, rank, what, role: event.role };
      }),
  );
}

function groupEvents({ ranks, signals, readiness, windows, cause, exit }: Story): Found[] {
  const group = (at: number, order: number, what: string, role: Found['role'] = 'normal'): Found => {
    return { at, order, rank: null, what, role };
  };
  const isMarked = ranks.some(({ events }) => events.some(({ role }) => role === 'cause'));
  return [
    ...signals.map(({ at, value }) => group(at, 0, `the supervisor was told: ${value}`)),
    ...(cause === null ? [] : [group(cause.at, 2, causeInWords(cause.value), isMarked ? 'normal' : 'cause')]),
    ...readiness.slice(1).map(({ at, value }) => group(at, 3, value ? 'ready' : 'not ready any more')),
    ...windows.map(({ phase, from, deadline }) =>
      group(from, 3, `${WINDOW_NAMES[phase]} begins; its deadline is ${exactTime(deadline)}`),
    ),
    ...(exit === null ? [] : [group(exit.at, 5, exitInOneLine(exit.value))]),
  ];
}
