// Puts the same two ranks of a real vLLM behind dp-supervisor and behind vLLM's own supervisor, in turn, and prints what each
// takes: `npm run test:vllm`. The figures of one machine are in docs/reference/vllm.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read } from '../../proc.ts';
import { engineOf, family, gone, GROUP, PROGRAM, ready, start } from './group.ts';

const SUPERVISORS = [
  { name: 'dp-supervisor', words: [process.execPath, PROGRAM, '--journal-on-failure', 'none', ...GROUP] },
  { name: "vLLM's own", words: GROUP },
];
const COLUMNS = [
  'supervisor',
  'ready after',
  'its memory',
  'engine of rank 0 gone after',
  'all gone after',
  'exit status',
];

const folder = mkdtempSync(join(tmpdir(), 'dps-vllm-'));
try {
  console.log('An engine of rank 1 is killed when the group is ready; times are counted from there.');
  console.log(row(COLUMNS));
  console.log(row(COLUMNS.map(() => '---')));
  for (const { name, words } of SUPERVISORS) console.log(row([name, ...(await measured(words))]));
} finally {
  rmSync(folder, { recursive: true });
}

/** What a supervisor takes, in the order of the columns. */
async function measured(words: readonly string[]): Promise<readonly string[]> {
  const group = start(words, join(folder, 'log'));
  try {
    const readyAt = await ready(group);
    const members = family(group.pid);
    const memory = Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${group.pid}/status`))?.[1]) / 1_024;
    const sibling = engineOf(members, 0);
    const killedAt = performance.now();
    process.kill(engineOf(members, 1), 'SIGKILL');
    const siblingGoneAt = await gone(members.filter(({ pid }) => pid === sibling));
    const status = await group.exited;
    const goneAt = await gone(members);
    return [
      seconds(readyAt - group.startedAt),
      `${memory.toFixed(0)} MiB`,
      seconds(siblingGoneAt - killedAt),
      seconds(goneAt - killedAt),
      String(status),
    ];
  } finally {
    if (group.child.exitCode === null) group.child.kill('SIGTERM');
    await group.exited;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
