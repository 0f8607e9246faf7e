// Puts the same two ranks of a real vLLM behind dp-supervisor and behind vLLM's own supervisor, in turn, and prints what each
// takes: `npm run test:vllm`. The figures of one machine are in docs/reference/vllm.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read } from '../../proc.ts';
import { engineOf, family, gone, GROUP, living, type Member, PROGRAM, ready, serverOf, start } from './group.ts';

const SUPERVISORS = [
  { name: 'dp-supervisor', words: [process.execPath, PROGRAM, '--journal-on-failure', 'none', ...GROUP] },
  { name: "vLLM's own", words: GROUP },
];
/** What is killed of rank 1 once the group is ready. */
const VICTIMS = [
  { name: 'its engine', of: engineOf },
  { name: 'its server', of: serverOf },
];
const COLUMNS = ['supervisor', 'its memory', 'ready after', 'then killed', 'rank 0 gone', 'all gone', 'exit status'];
/** Nobody who is still there by then is on the way out. */
const LEFT_MS = 45_000;

const folder = mkdtempSync(join(tmpdir(), 'dps-vllm-'));
try {
  console.log(row(COLUMNS));
  console.log(row(COLUMNS.map(() => '---')));
  for (const victim of VICTIMS) {
    for (const { name, words } of SUPERVISORS) console.log(row([name, ...(await measured(words, victim))]));
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** What a supervisor takes, in the order of the columns. */
async function measured(words: readonly string[], victim: (typeof VICTIMS)[number]): Promise<readonly string[]> {
  const group = start(words, join(folder, 'log'));
  let members: readonly Member[] = [];
  try {
    const readyAt = await ready(group);
    members = family(group.pid);
    const memory = Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${group.pid}/status`))?.[1]) / 1_024;
    const sibling = serverOf(members, 0);
    const killedAt = performance.now();
    process.kill(victim.of(members, 1), 'SIGKILL');
    const since = (at: number) => seconds(at - killedAt);
    const siblingGone = gone(members.filter(({ pid }) => pid === sibling)).then(since);
    const status = await group.exited;
    const allGone = await gone(members, LEFT_MS).then(since, (error: Error) => `never; ${error.message}`);
    return [
      `${memory.toFixed(0)} MiB`,
      seconds(readyAt - group.startedAt),
      victim.name,
      await siblingGone,
      allGone,
      String(status),
    ];
  } finally {
    if (group.child.exitCode === null) group.child.kill('SIGTERM');
    await group.exited;
    for (const { pid } of living(members)) process.kill(pid, 'SIGKILL');
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
