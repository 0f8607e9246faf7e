import { basename, relative } from 'node:path';
import { filter, take } from 'rxjs';
import { readGroup } from '../config/group.ts';
import { DEMO_OPTIONS, type Settings } from '../config/options.ts';
import type { Group } from '../supervise.ts';
import { run } from './run.ts';
import { type Asked, refuseCommand } from './sources.ts';

/** How long each engine of the demo pretends to load its model, in seconds. */
const LOADING_S = 2;

/** `dp-supervisor demo`: embedded engines under supervision, and what to try on them. */
export async function demoCommand(asked: Asked<typeof DEMO_OPTIONS>): Promise<number> {
  refuseCommand(asked.command);
  const { values, launch } = readGroup(DEMO_OPTIONS, asked.sources, engineCommand(asked.values), {});
  return run(values, launch, asked.warnings, (group) => void suggest(group));
}

/** This very program again, as an engine. */
function engineCommand({ host, shutdownTimeout, sslKeyfile, sslCertfile }: Settings): string[] {
  const [, main = ''] = process.argv;
  const engine = [process.execPath, main, 'engine', '--host', host, '--port', '{port}', '--model', 'demo-{rank}'];
  const tls = sslKeyfile && sslCertfile ? ['--ssl-keyfile', sslKeyfile, '--ssl-certfile', sslCertfile] : [];
  return [...engine, '--startup-delay', String(LOADING_S), '--shutdown-timeout', String(shutdownTimeout), ...tls];
}

async function suggest(group: Group): Promise<void> {
  const port = await group.listening;
  const [first, second = first] = group.plan.ranks;
  if (first === undefined || second === undefined) return;
  const url = ({ healthUrl }: typeof first) => new URL(healthUrl).origin;
  const supervisor = url(first).replace(/:\d+$/, `:${port}`);
  const [, main = ''] = process.argv;
  const self = basename(main) === 'dp-supervisor' ? 'dp-supervisor' : `node ${relative(process.cwd(), main)}`;
  const insecure = supervisor.startsWith('https') ? ' -k' : '';
  const curl = `curl${insecure}`;
  const completion = `-H 'content-type: application/json' -d '{"prompt":"hello","max_tokens":20}'`;
  const hints = [
    'Try, from another terminal:',
    `  ${curl} -i ${supervisor}/health   # is the group ready?`,
    `  ${self} status --url ${supervisor}   # what is known of each rank`,
    `  ${curl} ${url(first)}/v1/completions ${completion}`,
    `  ${curl} -X POST ${url(second)}/fault/unavailable   # a rank says 503: the group leaves with status 4`,
    `  ${curl} -X POST ${url(second)}/fault/hang   # a rank hangs: noticed after three probes`,
    `  ${curl} -X POST ${url(second)}/fault/crash   # a rank dies`,
    'or press Ctrl-C: every rank drains, and the status is 0.',
  ];
  group.readiness$.pipe(filter(Boolean), take(1)).subscribe(() => {
    process.stderr.write(hints.map((hint) => `${hint}\n`).join(''));
  });
}
