import { type MonoTypeOperatorFunction, shareReplay } from 'rxjs';

/** Shares one subscription among all listeners and gives late ones the newest value. */
export function replayLatest<T>(): MonoTypeOperatorFunction<T> {
  return shareReplay({ bufferSize: 1, refCount: true });
}
