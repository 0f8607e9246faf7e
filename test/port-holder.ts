// Somebody else on a port, until the test is over.
import { type Mark, mark, run, type Running } from './processes.ts';

export type Way = 'reuseport' | 'v6only' | 'forked' | 'deaf' | 'connection' | 'nobody';

export interface PortHolder extends Running {
  readonly family: Mark;
  /** Of its child, when it has forked. */
  readonly child: number | null;
}

/** Resolves when the port is held. */
export async function portHolder(address: string, port: number, ...ways: readonly Way[]): Promise<PortHolder> {
  const family = mark();
  const script = new URL('fixtures/port-holder.pl', import.meta.url).pathname;
  const running = run(family, 'perl', script, address, String(port), ...ways);
  const [, child] = await running.line(/^holds(?: with (\d+))?$/);
  return { ...running, family, child: child === undefined ? null : Number(child) };
}
