import { fromEvent, map, merge, type Observable } from 'rxjs';
import { STOP_SIGNALS, type StopSignal } from '../../streams/facts.ts';

/**
 * The stop signals that this process is sent. While somebody is subscribed they do not end the process;
 * the program subscribes, an embedded group never does.
 */
export function stopSignals(): Observable<StopSignal> {
  return merge(...STOP_SIGNALS.map((signal) => fromEvent(process, signal).pipe(map(() => signal))));
}
