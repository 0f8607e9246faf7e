import { inspect } from 'node:util';
import { fromEvent, map, type Observable } from 'rxjs';
import type { SupervisorFailed } from '../../streams/facts.ts';

/** Of a fault's first line; its stack has the rest. */
const MOST_CHARACTERS = 500;

/**
 * The faults of this process that nobody caught, rejections that nobody handled among them. While somebody is
 * subscribed they do not end the process; the program subscribes, an embedded group never does.
 */
export function faults(): Observable<SupervisorFailed> {
  return fromEvent(process, 'uncaughtException').pipe(map((thrown) => faultOf((thrown as [unknown])[0])));
}

/** Whatever was thrown, as a fact: in one line, and with where it was thrown. */
export function faultOf(thrown: unknown): SupervisorFailed {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : inspect(thrown);
  const error = text.replace(/\p{Cc}+/gu, ' ').slice(0, MOST_CHARACTERS);
  return { type: 'SupervisorFailed', error, stack: thrown instanceof Error ? (thrown.stack ?? '') : '' };
}
