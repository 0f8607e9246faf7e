import type { PLAN_OPTIONS } from '../config/options.ts';
import { type GroupPlan, plan } from '../config/plan.ts';
import { checkCommand, checkTogether } from '../config/settings.ts';
import { readTls } from '../http/listener.ts';
import type { Asked } from './sources.ts';

/** `dp-supervisor plan`: what would be run, checked and printed; starts nothing. */
export function planCommand({ values, command, warnings }: Asked<typeof PLAN_OPTIONS>): number {
  checkCommand(command);
  checkTogether(values);
  readTls(values.sslKeyfile, values.sslCertfile, values.sslCaCerts);
  const group = plan(values, command, warnings);
  process.stdout.write(values.json ? `${JSON.stringify(group, null, 2)}\n` : inWords(group));
  return 0;
}

function inWords({ supervisor, ranks, warnings }: GroupPlan): string {
  const lines = [
    `supervisor  ${supervisor.host} port ${supervisor.port}`,
    ...ranks.flatMap(({ rank, port, argv, env, healthUrl }) => [
      `rank ${rank}`,
      `  port      ${port}`,
      `  health    ${healthUrl}`,
      `  command   ${argv.map(quote).join(' ')}`,
      `  env       ${Object.entries(env)
        .map(([name, value]) => `${name}=${quote(value)}`)
        .join(' ')}`,
    ]),
    ...warnings.map((warning) => `warning     ${warning}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** As a shell would have to be told. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
