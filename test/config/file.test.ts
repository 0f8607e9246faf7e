import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/config/file.ts';
import { DEMO_OPTIONS, RUN_OPTIONS } from '../../src/config/options.ts';

const directory = mkdtempSync(join(tmpdir(), 'file-test-'));
const path = join(directory, 'group.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

function filed(text: string) {
  writeFileSync(path, text);
  return readConfigFile(path, '--config', RUN_OPTIONS);
}

const YAML = `
# A group of two.
data-parallel-size: 2
shutdown_timeout: 2.5      # either spelling
host: "::1"
device-ids: [0, "MIG-1"]
env:
  A: b
  THREADS: 4
  FAST: true
`;
const SAID = {
  dataParallelSize: 2,
  shutdownTimeout: 2.5,
  host: '::1',
  deviceIds: ['0', 'MIG-1'],
  env: { A: 'b', THREADS: '4', FAST: 'true' },
};

const LONG = 'x'.repeat(100_000);

describe('a file', () => {
  test('is YAML whose keys are the names of the options, with - or with _', async () => {
    expect(await filed(YAML)).toEqual(SAID);
  });

  test('may be JSON', async () => {
    const { dataParallelSize, shutdownTimeout, ...same } = SAID;
    const json = { data_parallel_size: dataParallelSize, 'shutdown-timeout': shutdownTimeout };
    const { deviceIds, ...rest } = same;
    expect(await filed(JSON.stringify({ ...json, 'device-ids': deviceIds, ...rest }))).toEqual(SAID);
  });

  test('may say things as they would be typed', async () => {
    expect(await filed('port: "9000"\ndevice-ids: 0,1\nenv: A=b')).toEqual({
      port: 9_000,
      deviceIds: ['0', '1'],
      env: { A: 'b' },
    });
    expect(await filed('device-ids: 3\nenv: [A=b, C=d]')).toEqual({ deviceIds: ['3'], env: { A: 'b', C: 'd' } });
  });

  test('may be empty', async () => {
    expect(await filed('')).toEqual({});
    expect(await filed('# nothing yet\n')).toEqual({});
    expect(await filed('{}')).toEqual({});
  });

  test('of a subcommand has the options of that subcommand', async () => {
    writeFileSync(path, 'port: 1');
    expect(await readConfigFile(path, '--config', DEMO_OPTIONS)).toEqual({ port: 1 });
  });
});

describe('refused with the name of the file is', () => {
  test.each([
    ['prot: 1', 'unknown option "prot"; did you mean port?'],
    ['--port: 1', 'unknown option "--port"; did you mean port?'],
    ['dataParallelSize: 1', 'unknown option "dataParallelSize"; did you mean data-parallel-size?'],
    ['supervisor_port: 1', 'unknown option "supervisor_port"; did you mean data-parallel-supervisor-port?'],
    ['model: demo', 'unknown option "model"'],
    ['8000: 1', 'unknown option "8000"'],
    ['config: other.yaml', '"config" has no place in a file'],
    ['help: true', '"help" has no place in a file'],
    ['exit_grace: 1\nexit-grace: 2', '"exit-grace" is given twice, with "-" and with "_"'],
  ])('a key that cannot be: %j', async (text, told) => {
    await expect(filed(text)).rejects.toMatchObject({ code: 'DPS_USAGE', message: `${path}: ${told}` });
  });

  test.each([
    ['port: 0', 'port', 'a whole number from 1 to 65535, got 0'],
    ['port: 1.5', 'port', 'a whole number from 1 to 65535, got 1.5'],
    ['port: .nan', 'port', 'a whole number from 1 to 65535, got NaN'],
    ['port:', 'port', 'a whole number from 1 to 65535, got null'],
    ['port: &a [*a]', 'port', 'a whole number from 1 to 65535, got <ref *1> [ [Circular *1] ]'],
    ['exit_grace: .inf', 'exit_grace', 'seconds from 0 to 1000000, got Infinity'],
    ['exit-grace: 5s', 'exit-grace', 'seconds from 0 to 1000000, got "5s"'],
    ['host: 127', 'host', 'text, got 127'],
    ['log-format: Json', 'log-format', 'one of prefix, json, raw, got "Json"'],
    ['device-ids:', 'device-ids', 'a list such as 0,1,2, got null'],
    ['device-ids: [0, null]', 'device-ids', 'a list such as 0,1,2, got [ 0, null ]'],
    ['device-ids: { a: 0 }', 'device-ids', 'a list such as 0,1,2, got { a: 0 }'],
    ['env: { A: [b] }', 'env', "NAME=VALUE, got { A: [ 'b' ] }"],
    ['env: { "A=B": c }', 'env', "NAME=VALUE, got { 'A=B': '...' }"],
    ['env: { "": c }', 'env', "NAME=VALUE, got { '': '...' }"],
    ['env: { A: "\\0" }', 'env', "NAME=VALUE, got { A: '...' }"],
  ])('a value that cannot be, on one line: %j', async (text, key, told) => {
    const message = `${key} in ${path}: expected ${told}`;
    await expect(filed(text)).rejects.toMatchObject({ code: 'DPS_USAGE', message });
  });

  test.each([
    ['- port\n- 1', "expected a mapping of options, got [ 'port', 1 ]"],
    ['port 8000', 'expected a mapping of options, got "port 8000"'],
    ['42', 'expected a mapping of options, got 42'],
    ['&a [*a]', 'expected a mapping of options, got <ref *1> [ [Circular *1] ]'],
  ])('what is no mapping: %j', async (text, told) => {
    await expect(filed(text)).rejects.toMatchObject({ code: 'DPS_CONFIG_FILE', message: `${path}: ${told}` });
  });

  test.each([
    ['host: a\nport: 1: 2', /at line 2, column \d+$/],
    ['host: a\n\nhost: b', /Map keys must be unique at line 3, column 1$/],
    ['{"port": 1,\n "host": "a"', /at line 2, column \d+$/],
    ['port: 1\n---\nport: 2', /multiple documents/],
    ['port: *nowhere', /Unresolved alias .*nowhere$/],
  ])('what is no YAML, with the line where that is known: %j', async (text, told) => {
    const refusal: unknown = await filed(text).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'DPS_CONFIG_FILE', message: expect.stringMatching(told) });
    expect((refusal as Error).message).toContain(`${path}: `);
    expect((refusal as Error).message).not.toContain('\n');
  });

  test.each([
    ['a value', `port: ${LONG}`, /expected a whole number from 1 to 65535, got "x{80}\.\.\."$/],
    ['a name', `"${LONG.slice(0, 1_000)}": 1`, /unknown option "x{80}\.\.\."$/],
    ['a list', `port: [${LONG}]`, /got \[ 'x{77}\.\.\.$/],
    ['no mapping', LONG, /expected a mapping of options, got "x{80}\.\.\."$/],
    ['an alias', `port: *${LONG}`, /Unresolved alias .*x\.\.\.$/],
  ])('what is longer than one reads is quoted as far as it helps: %s', async (_what, text, told) => {
    const refusal = await filed(text).catch((error: unknown) => error as Error);
    expect((refusal as Error).message).toMatch(told);
    expect((refusal as Error).message.length).toBeLessThan(path.length + 300);
  });

  test('what is not there, or is no file', async () => {
    const missing = join(directory, 'missing.yaml');
    await expect(readConfigFile(missing, '--config', RUN_OPTIONS)).rejects.toMatchObject({
      code: 'DPS_CONFIG_FILE',
      status: 2,
      message: `--config: ENOENT: no such file or directory, open '${missing}'`,
    });
    await expect(readConfigFile(directory, '--config', RUN_OPTIONS)).rejects.toMatchObject({ code: 'DPS_CONFIG_FILE' });
  });
});
