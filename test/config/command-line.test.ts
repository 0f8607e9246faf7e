import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../src/config/command-line.ts';
import { ENGINE_OPTIONS, RUN_OPTIONS } from '../../src/config/options.ts';

const typed = (...words: string[]) => readCommandLine(words, RUN_OPTIONS);
const values = async (...words: string[]) => (await typed(...words)).values;
const command = async (...words: string[]) => (await typed(...words)).command;

describe('a value', () => {
  test('is the next word, or what stands behind =', async () => {
    expect(await values('--port', '9000')).toEqual({ port: 9_000 });
    expect(await values('--port=9000')).toEqual({ port: 9_000 });
  });

  test('keeps every = but the first', async () => {
    expect(await values('--health-path=/health?a=b=c')).toEqual({ healthPath: '/health?a=b=c' });
  });

  test('keeps its underscores, while those of the name are dashes', async () => {
    expect(await values('--health_path=/a_b')).toEqual({ healthPath: '/a_b' });
    expect(await values('--data_parallel-size', '2')).toEqual({ dataParallelSize: 2 });
  });

  test('may begin with one dash, when it is no option', async () => {
    expect(await values('--ssl-keyfile', '-key')).toEqual({ sslKeyfile: '-key' });
    expect(await values('--ssl-keyfile=--key')).toEqual({ sslKeyfile: '--key' });
  });

  test.each([
    ['-dp', 'dataParallelSize'],
    ['-dpl', 'dataParallelSizeLocal'],
    ['-dpr', 'dataParallelStartRank'],
    ['-r', 'nodeRank'],
    ['-tp', 'tensorParallelSize'],
    ['-pp', 'pipelineParallelSize'],
  ])('may follow the short form %s', async (short, key) => {
    expect(await values(short, '4')).toEqual({ [key]: 4 });
    expect(await values(`${short}=4`)).toEqual({ [key]: 4 });
  });

  test('is not needed by a flag, which takes true and false behind = alone', async () => {
    expect(await typed('--help', 'false')).toEqual({ values: { help: true }, command: ['false'] });
    expect(await values('--help=false')).toEqual({ help: false });
    expect(await values('-h')).toEqual({ help: true });
  });
});

describe('COMMAND', () => {
  test('begins at the first word that is no option', async () => {
    expect(await typed('-dp', '2', 'vllm', 'serve')).toEqual({
      values: { dataParallelSize: 2 },
      command: ['vllm', 'serve'],
    });
  });

  test('begins behind --, which is not a part of it', async () => {
    expect(await typed('-dp', '2', '--', '--odd-program')).toEqual({
      values: { dataParallelSize: 2 },
      command: ['--odd-program'],
    });
  });

  test('is not looked at: its own options, -- and subcommands are its own', async () => {
    const words = ['vllm', '--port', 'x', '--unknown', '--', '-dp', 'plan', '--help'];
    expect(await typed(...words)).toEqual({ values: {}, command: words });
    expect(await command('--', ...words, '--')).toEqual([...words, '--']);
  });

  test('may be a lone dash, or an empty word', async () => {
    expect(await command('-', '--port')).toEqual(['-', '--port']);
    expect(await command('', '--port')).toEqual(['', '--port']);
  });

  test('is empty when nothing but options was typed', async () => {
    expect(await command()).toEqual([]);
    expect(await command('--port', '1', '--')).toEqual([]);
  });
});

describe('an option that is given again', () => {
  test('replaces the one before, in whatever form', async () => {
    expect(await values('-dp', '2', '--data-parallel-size=3', '--data_parallel_size', '4')).toEqual({
      dataParallelSize: 4,
    });
  });

  test('adds up when it is --env, and the last of a name wins', async () => {
    expect(await values('--env', 'A=1', '--env=B=x=y', '--env', 'C=', '--env', 'A=2')).toEqual({
      env: { A: '2', B: 'x=y', C: '' },
    });
  });
});

describe('refused is', () => {
  test.each([
    [['--port'], '--port: expected a whole number from 1 to 65535, got none'],
    [['--port', '--host', 'a'], '--port: expected a whole number from 1 to 65535, got none before --host'],
    [['--port', '--', 'vllm'], '--port: expected a whole number from 1 to 65535, got none before --'],
    [['--host', '-dp', '4', 'vllm'], '--host: expected text, got none before -dp'],
    [['--host', '-dp=4', 'vllm'], '--host: expected text, got none before -dp=4'],
    [['-dp'], '-dp: expected a whole number from 1 to 65535, got none'],
    [['--env'], '--env: expected NAME=VALUE, got none'],
  ])('a value that is missing: %j', async (words, message) => {
    await expect(typed(...words)).rejects.toMatchObject({ code: 'DPS_USAGE', status: 2, message });
  });

  test.each([
    [['--port='], '--port: expected a whole number from 1 to 65535, got ""'],
    [['--data_parallel_size=0'], '--data-parallel-size: expected a whole number from 1 to 65535, got "0"'],
    [['-dp', '-1'], '-dp: expected a whole number from 1 to 65535, got "-1"'],
    [['--env', 'A'], '--env: expected NAME=VALUE, got "A"'],
    [['--help=maybe'], '--help: expected true or false, got "maybe"'],
    [['--log-format', 'xml'], '--log-format: expected one of prefix, json, raw, got "xml"'],
  ])('a value that is wrong, told by the name of the option: %j', async (words, message) => {
    await expect(typed(...words)).rejects.toMatchObject({ code: 'DPS_USAGE', message });
  });

  test.each([
    ['--prot', '; did you mean --port?'],
    ['--prot=8000', '; did you mean --port?'],
    ['-port', '; did you mean --port?'],
    ['--data-paralel-size', '; did you mean --data-parallel-size?'],
    ['--shutdown_timeot', '; did you mean --shutdown-timeout?'],
    ['--dp', '; did you mean -dp?'],
    ['-dp4', '; did you mean -dp?'],
    ['-dpsl', '; did you mean -dpl?'],
    ['--supervisor-port', '; did you mean --data-parallel-supervisor-port?'],
    ['--probe-interval', '; did you mean --dp-supervisor-probe-interval-s or --startup-probe-interval-s?'],
    [
      '--timeout',
      '; did you mean --dp-supervisor-probe-timeout-s or --startup-timeout or --shutdown-timeout or --log-flush-timeout?',
    ],
    ['--parallel', ''],
    ['-x', ''],
    ['-v', ''],
    ['--gpu-memory-utilization', ''],
    ['--=4', ''],
  ])('an option that is unknown, with a hint where one is near: %s', async (word, hint) => {
    await expect(typed(word, 'vllm')).rejects.toMatchObject({
      code: 'DPS_USAGE',
      message: `unknown option ${word.split('=')[0]}${hint} (see --help)`,
    });
  });

  test('what is longer than one reads, and is quoted as far as it helps', async () => {
    const long = 'x'.repeat(100_000);
    const beginning = 'x'.repeat(80);
    await expect(typed('--port', long)).rejects.toThrow(`, got "${beginning}..."`);
    await expect(typed(`--${long}`)).rejects.toThrow(`unknown option --${'x'.repeat(78)}... (see --help)`);
    await expect(typed('--port', `--${long}`)).rejects.toThrow(/, got none before --x{78}\.\.\.$/);
  });

  test('an option of another subcommand', async () => {
    await expect(readCommandLine(['--model', 'm'], ENGINE_OPTIONS)).resolves.toMatchObject({ values: { model: 'm' } });
    await expect(typed('--model', 'm')).rejects.toThrow('unknown option --model');
  });
});
