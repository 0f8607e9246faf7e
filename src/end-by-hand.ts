import { setTimeout as wait } from 'node:timers/promises';
import type { Exit } from '../streams/commands.ts';
import { exitStatus } from '../streams/exit-status.ts';
import { graceMs, type Policy } from '../streams/policy.ts';
import type { Cause } from '../streams/shutdown.ts';
import type { Children } from './drivers/children.ts';

/** Between two looks at who is left, in milliseconds. */
const LOOK_MS = 20;

/**
 * The ending without the core, for when the core itself is what broke: SIGTERM, the grace, SIGKILL, the wait for it.
 * No stream takes part in it. A rank that turns out to have started on the way is treated like the others.
 */
export async function endByHand(
  cause: Cause,
  kids: Pick<Children, 'present' | 'signal' | 'kill'>,
  policy: Policy,
): Promise<Exit> {
  await untilGone(graceMs(policy), (rank) => kids.signal(rank, 'SIGTERM'));
  const killed = new Set<number>();
  await untilGone(policy.killWaitMs, (rank) => {
    killed.add(rank);
    kids.kill(rank);
  });
  return { type: 'Exit', status: exitStatus(cause, [...killed]), cause, killed: [...killed], left: kids.present() };

  /** Does it to each rank once. */
  async function untilGone(ms: number, doTo: (rank: number) => void): Promise<void> {
    const done = new Set<number>();
    const deadline = performance.now() + ms;
    do {
      for (const rank of kids.present().filter((rank) => !done.has(rank))) {
        done.add(rank);
        doTo(rank);
      }
      await wait(LOOK_MS);
    } while (kids.present().length > 0 && performance.now() < deadline);
  }
}
