import https from 'node:https';
import { quoted } from '../../streams/quoted.ts';
import { STATUS_OPTIONS } from '../config/options.ts';
import { DpsError } from '../errors.ts';
import type { GroupStatus, RankStatus } from '../http/status.ts';
import { type Asked, refuseCommand } from './sources.ts';

/** How long a supervisor may take to answer. */
const TIMEOUT_MS = 5_000;

/** `dp-supervisor status`: 0 when the group is ready, 1 when it is not or nobody answers. */
export async function statusCommand({ values, command }: Asked<typeof STATUS_OPTIONS>): Promise<number> {
  refuseCommand(command);
  const status = await ask(values.url ?? local(values.dataParallelSupervisorPort));
  process.stdout.write(values.json ? `${JSON.stringify(status, null, 2)}\n` : inWords(status));
  return status.ready ? 0 : 1;
}

async function ask(url: string): Promise<GroupStatus> {
  const { default: fetch } = await import('node-fetch');
  const target = endpoint(url);
  const secure = new https.Agent({ rejectUnauthorized: false });
  try {
    const response = await fetch(target, {
      signal: AbortSignal.timeout(TIMEOUT_MS) as never,
      ...(target.protocol === 'https:' ? { agent: secure } : {}),
    });
    const body: unknown = await response.json().catch(() => null);
    if (isStatus(body)) return body;
    throw new Error(`the answer is ${response.status} without a status; is it a rank's port, or is it only starting?`);
  } catch (error) {
    throw new DpsError('DPS_UNREACHABLE', `no supervisor answers at ${url}: ${(error as Error).message}`);
  }
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function endpoint(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw new DpsError(
      'DPS_USAGE',
      `--url: expected a URL such as ${local(STATUS_OPTIONS.dataParallelSupervisorPort.default)}, got ${quoted(url)}`,
    );
  }
  return new URL('/status', base);
}

/** Anybody may answer at a port, a rank among them. */
function isStatus(body: unknown): body is GroupStatus {
  return typeof body === 'object' && body !== null && 'ranks' in body && Array.isArray(body.ranks);
}

function inWords({ phase, reason, uptimeSeconds, ranks, version, pid }: GroupStatus): string {
  const head = `${phase}: ${reason} (dp-supervisor ${version}, pid ${pid}, up ${Math.round(uptimeSeconds)} s)`;
  const rows = [['RANK', 'PORT', 'PID', 'PROCESS', 'HEALTH', 'LAST PROBE'], ...ranks.map(row)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [head, ...lines].map((line) => `${line}\n`).join('');
}

function row(rank: RankStatus): string[] {
  const process_ = rank.exit === null ? rank.process : rank.exit.text;
  const last = rank.failures > 1 ? `${rank.last} (${rank.failures} in a row)` : (rank.last ?? '-');
  return [
    String(rank.rank),
    String(rank.port),
    String(rank.pid ?? '-'),
    process_,
    rank.healthy ? 'healthy' : '-',
    last,
  ];
}
