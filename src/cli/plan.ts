import { readGroup } from '../config/group.ts';
import { PLAN_OPTIONS } from '../config/options.ts';
import { type GroupPlan, plan } from '../config/plan.ts';
import { readTls } from '../http/listener.ts';
import type { Asked } from './sources.ts';

/** `dp-supervisor plan`: what would be run, checked and printed; starts nothing. */
export function planCommand({ sources, command, warnings }: Asked<typeof PLAN_OPTIONS>): number {
  const { values, launch } = readGroup(PLAN_OPTIONS, sources, command, process.env);
  readTls(values.sslKeyfile, values.sslCertfile, values.sslCaCerts);
  const group = plan(values, launch, warnings);
  process.stdout.write(values.json ? `${JSON.stringify(group, null, 2)}\n` : inWords(group));
  return 0;
}

function inWords({ supervisor, engine, devices, ranks, ports, notes, warnings }: GroupPlan): string {
  const lines = [
    `supervisor  ${supervisor.host} port ${supervisor.port}`,
    `engine      ${engine}`,
    `devices     ${devices}`,
    ...notes.map((note) => `taken       ${note}`),
    ...ranks.flatMap(({ rank, port, argv, env, healthUrl }) => [
      `rank ${rank}`,
      `  port      ${port}`,
      `  health    ${healthUrl}`,
      `  command   ${argv.map(quote).join(' ')}`,
      `  env       ${Object.entries(env)
        .map(([name, value]) => `${name}=${quote(value)}`)
        .join(' ')}`,
    ]),
    'ports',
    ...ports.map(
      ({ port, use, rank }) => `  ${String(port).padEnd(8)}  ${use}${rank === null ? '' : ` of rank ${rank}`}`,
    ),
    ...warnings.map((warning) => `warning     ${warning}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** As a shell would have to be told. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
