import { type Observable, ReplaySubject } from 'rxjs';
import { stopSignals } from '../drivers/signals.ts';
import type { StopSignal } from '../../streams/facts.ts';

/** SIGUSR2 asks for the journal and ends nobody: not before there is one either, nor when the process is about to leave. */
const endNobody = (): void => undefined;
process.on('SIGUSR2', endNobody);

/**
 * The stop signals of this process, from the moment at which this module is loaded, which is first of all: one that
 * comes while the rest is still being loaded is kept, and as PID 1 it would otherwise be lost. They are held until the
 * process is gone, so that a second one cannot turn a clean end into another.
 */
const signal$ = new ReplaySubject<StopSignal>();
const held = stopSignals().subscribe(signal$);

// Node would open a debugger, in which any process of the machine, a rank too, could run code in this one.
process.on('SIGUSR1', () => undefined);

/** For a subcommand that knows what to do with them. */
export function heldSignals(): Observable<StopSignal> {
  return signal$.asObservable();
}

/** For one that does not: they do again what they always do, one that has come already too. */
export function releaseSignals(): void {
  process.off('SIGUSR2', endNobody);
  held.unsubscribe();
  signal$.subscribe((signal) => process.kill(process.pid, signal));
}
