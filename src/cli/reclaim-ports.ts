import fkill from 'fkill';
import { takenPorts } from '../drivers/free-ports.ts';
import { type Holder, holdersInWords, holdersOf } from '../drivers/port-holders.ts';
import { readProcessTable } from '../drivers/process-table.ts';

/** How long a holder may take to leave after SIGTERM, and after SIGKILL, in milliseconds. */
const LEAVE_MS = 5_000;
const KILLED_MS = 2_000;
const LOOK_MS = 20;

/**
 * Ends whoever holds these ports, with SIGTERM and then SIGKILL. When there is one who must not be ended, nobody is.
 *
 * @returns the ports that are taken all the same
 * @throws Error with one line that says who is not, or could not be, ended
 */
export async function reclaimPorts(
  ports: readonly number[],
  address: string,
  say: (message: string) => void,
): Promise<readonly number[]> {
  const holders = endable(ports, address);
  const words = holdersInWords(holders);
  try {
    await fkill(pidsOf(holders));
  } catch (error) {
    throw new Error(`--reclaim-ports: ${words} could not be ended: ${reasonOf(error as Error)}`);
  }
  say(`--reclaim-ports: ended ${words}, on port ${ports.join(', ')}`);
  const held = await untilFree(ports, address, LEAVE_MS);
  if (held.length === 0) return held;

  const deaf = endable(held, address);
  await fkill(pidsOf(deaf), { force: true, silent: true });
  say(`--reclaim-ports: killed ${holdersInWords(deaf)}, on port ${held.join(', ')}`);
  return untilFree(held, address, KILLED_MS);
}

/** @throws Error when one of them must not be ended */
function endable(ports: readonly number[], address: string): readonly Holder[] {
  const lineage = ourLineage();
  const holders = new Map<number, Holder>();
  for (const [port, found] of holdersOf(ports, address)) {
    if (found.length === 0) throw new Error(`--reclaim-ports: port ${port} is held by ${holdersInWords(found)}`);
    for (const holder of found) {
      const why = whyNot(holder, lineage);
      if (why !== null) throw new Error(`--reclaim-ports: ${holdersInWords([holder])}, on port ${port}, ${why}`);
      holders.set(holder.pid, holder);
    }
  }
  return [...holders.values()];
}

function whyNot({ pid, uid }: Holder, lineage: ReadonlySet<number>): string | null {
  if (pid === 1) return 'is the first process of all and is not ended';
  if (lineage.has(pid)) return 'is what started this program and is not ended';
  return uid === process.geteuid?.() ? null : 'belongs to another user and is not ended';
}

/** This process and all that it comes from. */
function ourLineage(): ReadonlySet<number> {
  const parentOf = new Map(readProcessTable()?.map(({ pid, parent }) => [pid, parent]));
  const lineage = new Set([process.pid, process.ppid]);
  for (let pid = parentOf.get(process.ppid); pid !== undefined && pid > 0; pid = parentOf.get(pid)) lineage.add(pid);
  return lineage;
}

async function untilFree(ports: readonly number[], address: string, limitMs: number): Promise<readonly number[]> {
  const until = performance.now() + limitMs;
  for (;;) {
    const taken = await takenPorts(ports, address);
    if (taken.length === 0 || performance.now() > until) return taken;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function pidsOf(holders: readonly Holder[]): number[] {
  return holders.map(({ pid }) => pid);
}

/** fkill needs `ps` and `kill`, and a machine may have neither. */
function reasonOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
