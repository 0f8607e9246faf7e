import { isIP } from 'node:net';
import type { GroupPlan, RankPlan } from '../config/plan.ts';
import { takenPorts } from '../drivers/free-ports.ts';
import { holdersInWords, holdersOf } from '../drivers/port-holders.ts';
import { DpsError } from '../errors.ts';

/**
 * Tries the supervisor's port and those of the ranks before anything is started, so that no rank finds out after
 * minutes of loading. One of a rank that is taken is refused with who holds it; the supervisor's own is left to its
 * listener, which tells it as the cause of the end.
 *
 * @param reclaim ends the holders first, and says whom
 * @throws DpsError `DPS_RANK_PORT_TAKEN`, or `DPS_PORT_TAKEN` when the supervisor's own could not be reclaimed
 */
export async function checkPorts(plan: GroupPlan, reclaim: boolean, say: (message: string) => void): Promise<void> {
  const { supervisor, ranks } = plan;
  const rankOf = new Map(ranks.filter(usesItsPort).map(({ port, rank }) => [port, rank]));
  const address = await addressOf(supervisor.host);
  if (address === null) return; // there is no such host, which the listener tells
  const wanted = [supervisor.port, ...rankOf.keys()].filter((port) => port !== 0);

  let taken = await takenPorts(wanted, address);
  if (taken.length > 0 && reclaim) {
    const { reclaimPorts } = await import('./reclaim-ports.ts');
    taken = await reclaimPorts(taken, address, say).catch((error: Error) => {
      throw new DpsError(taken.includes(supervisor.port) ? 'DPS_PORT_TAKEN' : 'DPS_RANK_PORT_TAKEN', error.message);
    });
  }
  if (taken.length === 0 || taken.includes(supervisor.port)) return;
  const hint = `end it, choose another --port${reclaim ? '' : ', or give --reclaim-ports'}`;
  throw new DpsError('DPS_RANK_PORT_TAKEN', `${whoHolds(taken, address, rankOf)}: ${hint}`);
}

/** A rank whose PORT is another and whose command does not name its port listens somewhere else, or not at all. */
function usesItsPort({ port, argv, env }: RankPlan): boolean {
  return env['PORT'] === String(port) || argv.some((word) => word.includes(String(port)));
}

async function addressOf(host: string): Promise<string | null> {
  if (isIP(host) !== 0) return host;
  const { lookup } = await import('node:dns/promises');
  return lookup(host).then(
    ({ address }) => address,
    () => null,
  );
}

/** `port 8000 of rank 0, port 8001 of rank 1 are held by pid 4711 (node)`. */
function whoHolds(taken: readonly number[], address: string, rankOf: ReadonlyMap<number, number>): string {
  const portsOf = new Map<string, string[]>();
  for (const [port, holders] of holdersOf(taken, address)) {
    const words = holdersInWords(holders);
    portsOf.set(words, [...(portsOf.get(words) ?? []), `port ${port} of rank ${rankOf.get(port)}`]);
  }
  return [...portsOf]
    .map(([words, ports]) => `${ports.join(', ')} ${ports.length === 1 ? 'is' : 'are'} held by ${words}`)
    .join('; ');
}
