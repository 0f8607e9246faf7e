import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { readSources } from '../../src/cli/sources.ts';
import { readCommandLine } from '../../src/config/command-line.ts';
import { DEMO_OPTIONS, RUN_OPTIONS } from '../../src/config/options.ts';

const directory = mkdtempSync(join(tmpdir(), 'precedence-test-'));
const [file, otherFile] = [join(directory, 'a.yaml'), join(directory, 'b.yaml')];
writeFileSync(file, 'port: 3\nhealth-path: /file\nenv: { FROM: file, FILE: file }\n');
writeFileSync(otherFile, 'port: 4\n');
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What is believed when all of this is said. */
async function believed(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return readSources(await readCommandLine(words, RUN_OPTIONS), RUN_OPTIONS);
}

test('the command line is believed before the environment, that before the file, that before the default', async () => {
  const layers: [string[], Record<string, string>, number][] = [
    [['--port', '1', '--config', file], { DPS_PORT: '2' }, 1],
    [['--config', file], { DPS_PORT: '2' }, 2],
    [['--config', file], {}, 3],
    [[], {}, 8_000],
  ];
  for (const [words, environment, port] of layers) {
    expect((await believed(words, environment)).values.port).toBe(port);
    vi.unstubAllEnvs();
  }
});

test('each option is decided for itself', async () => {
  const { values } = await believed(['--host', 'typed', '--config', file], { DPS_NODE_RANK: '7' });
  expect(values).toMatchObject({ host: 'typed', nodeRank: 7, port: 3, healthPath: '/file', exitGrace: 5 });
});

test('what is typed as false or 0 is said all the same', async () => {
  expect((await believed(['--node-rank', '0'], { DPS_NODE_RANK: '7' })).values.nodeRank).toBe(0);
});

test('pairs of all sources add up, and for each name the first source is believed', async () => {
  const words = ['--env', 'A=typed', '--env', 'FROM=typed', '--config', file];
  const { values } = await believed(words, { DPS_ENV: 'FROM=environment' });
  expect(values.env).toEqual({ A: 'typed', FROM: 'typed', FILE: 'file' });
});

test('a variable that sets nothing is warned of, with the one that was meant', async () => {
  const { warnings } = await believed([], { DPS_SHUTDWN_TIMEOUT: '5', DPS_SERVICE_PORT: '80', DPS_PORT_80_TCP: 'x' });
  expect(warnings).toEqual(['DPS_SHUTDWN_TIMEOUT sets nothing; did you mean DPS_SHUTDOWN_TIMEOUT?']);
});

test('a variable of another subcommand is not warned of, but one that can only be typed is', async () => {
  const { warnings } = await believed([], {
    DPS_MODEL: 'm',
    DPS_URL: 'http://x',
    DPS_STARTUP_DELAY: '1',
    DPS_SVG: 'x',
  });
  expect(warnings).toEqual(['DPS_SVG sets nothing']);
});

test('the file may be named by the environment, and what is typed names another', async () => {
  expect((await believed([], { DPS_CONFIG: file })).values).toMatchObject({ port: 3, config: file });
  expect((await believed(['--config', otherFile], { DPS_CONFIG: file })).values).toMatchObject({ port: 4 });
});

test('a link of Kubernetes says nothing, so that the file is believed, and is warned of', async () => {
  const { values, warnings } = await believed(['--config', file], { DPS_PORT: 'tcp://10.0.0.1:80' });
  expect(values.port).toBe(3);
  expect(warnings).toHaveLength(1);
});

test('what is wrong is refused also where it is overruled', async () => {
  await expect(believed(['--port', '1'], { DPS_PORT: 'x' })).rejects.toThrow('DPS_PORT: expected');
});

test('the defaults are those of the subcommand', async () => {
  const demo = await readSources(await readCommandLine([], DEMO_OPTIONS), DEMO_OPTIONS);
  expect(demo.values).toMatchObject({ host: '127.0.0.1', dataParallelSize: 4, shutdownTimeout: 10, port: 8_000 });
});

test("the defaults of a group are vLLM's wherever vLLM has the option", async () => {
  expect((await believed([])).values).toEqual({
    host: '0.0.0.0',
    port: 8_000,
    dataParallelSize: 1,
    nodeRank: 0,
    tensorParallelSize: 1,
    pipelineParallelSize: 1,
    reclaimPorts: false,
    devices: 'auto',
    engine: 'auto',
    autoPorts: false,
    env: {},
    healthPath: '/health',
    dpSupervisorProbeIntervalS: 5,
    dpSupervisorProbeTimeoutS: 5,
    dpSupervisorProbeFailureThreshold: 3,
    startupProbeIntervalS: 0.25,
    startupTimeout: 0,
    drainDelay: 0,
    stopSignal: 'SIGTERM',
    shutdownTimeout: 0,
    exitGrace: 5,
    dataParallelSupervisorPort: 9_256,
    logFormat: 'prefix',
    logFlushTimeout: 5,
    logMaxMb: 64,
    logMaxFiles: 4,
    journalMaxMb: 64,
    help: false,
    version: false,
  });
});
