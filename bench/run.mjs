// Measures the built dp-supervisor against its targets: see docs/reference/performance.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bareNode } from './bare-node.mjs';
import { fall } from './experiments/fall.mjs';
import { gone } from './experiments/gone.mjs';
import { logs } from './experiments/logs.mjs';
import { ready } from './experiments/ready.mjs';
import { stalled } from './experiments/stalled.mjs';
import { start } from './experiments/start.mjs';
import { steady } from './experiments/steady.mjs';
import { stop } from './experiments/stop.mjs';
import { median } from './statistics.mjs';
import { table } from './table.mjs';

const EXPERIMENTS = [start, ready, fall, stop, gone, steady, logs, stalled];
const BARE_RUNS = 10;
const USAGE = `usage: npm run bench -- [--only NAME ...] [--quick] [--program FILE]
  --only NAME     only this figure; may be given again
  --quick         fewer and shorter runs
  --program FILE  measure this file in place of dist/cli/main.js
figures: ${EXPERIMENTS.flatMap(({ figures }) => figures.map(({ name }) => name)).join(' ')}
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      program: { type: 'string', default: fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const unknown = values.only.find((name) => !EXPERIMENTS.some((experiment) => has(experiment, name)));
  if (unknown !== undefined) throw new Error(`--only: there is no figure "${unknown}"`);
  return values;
}

function has({ figures }, name) {
  return figures.some((figure) => figure.name === name);
}

/** Runs one experiment and gives each of its figures its samples. A failure ends it, and is told. */
async function measure(experiment, { program, quick }, bare) {
  const figures = experiment.figures.map((figure) => ({ ...figure, samples: [], failure: null }));
  const record = (name, value) => figures.find((figure) => figure.name === name).samples.push(value);
  const runs = quick ? experiment.runs.quick : experiment.runs.full;
  for (let run = 0; run < runs; run += 1) {
    const directory = mkdtempSync(join(tmpdir(), 'dps-bench-'));
    try {
      bare.push(await bareNode());
      await experiment.run({ program, directory, record, run, runs, quick });
    } catch (error) {
      for (const figure of figures) figure.failure = error.message;
      return figures;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return figures;
}

async function main(options) {
  const bare = [];
  const figures = [];
  const wanted = (name) => options.only.length === 0 || options.only.includes(name);
  const load = () => loadavg()[0].toFixed(1);
  const loadBefore = load();
  for (const experiment of EXPERIMENTS.filter(({ figures: own }) => own.some(({ name }) => wanted(name)))) {
    figures.push(...(await measure(experiment, options, bare)).filter(({ name }) => wanted(name)));
  }
  while (bare.length < BARE_RUNS) bare.push(await bareNode());

  const node = { name: 'bare-node', what: 'node -e 0', unit: 'ms', target: null, samples: bare, failure: null };
  process.stdout.write(
    `Node ${process.version}, ${availableParallelism()} cores, load ${loadBefore} before and ${load()} after\n\n` +
      `${table([node, ...figures], median(bare))}\n`,
  );
  const failed = figures.filter(({ failure }) => failure !== null);
  for (const { name, failure } of failed) process.stdout.write(`\n${name} failed: ${failure}\n`);
  // Replay is measured in processes of its own, whose memory is nobody else's.
  const all = options.only.length === 0 && !options.quick;
  const replay = all
    ? spawnSync(process.execPath, [fileURLToPath(new URL('replay.mjs', import.meta.url))], { stdio: 'inherit' })
    : null;
  return failed.length === 0 && (replay?.status ?? 0) === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    process.stderr.write(`stopped by ${signal}\n`);
    process.exit(1);
  });
}
try {
  const options = readOptions();
  if (options.help) process.stdout.write(USAGE);
  else process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
