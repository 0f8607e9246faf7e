import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/config/options.ts';
import { checkTogether, readProgramOptions } from '../../src/config/settings.ts';
import { settingsOf } from './settings-under-test.ts';

const check = (said: Partial<Settings>) => () => checkTogether(settingsOf(said));

/** Each is at the very edge of what is legal; one step further is among the refused. */
const LEGAL: Partial<Settings>[] = [
  {},
  { dataParallelSize: 8, dataParallelSizeLocal: 8 },
  { dataParallelSize: 8, dataParallelSizeLocal: 4, nodeRank: 1 },
  { dataParallelSize: 8, dataParallelSizeLocal: 4, dataParallelStartRank: 3 },
  { dataParallelSize: 8, dataParallelSizeLocal: 4, nodeRank: 9, dataParallelStartRank: 4 },
  { dataParallelSize: 4, port: 65_532 },
  { dataParallelSize: 4, port: 9_252 },
  { dataParallelSize: 4, port: 9_257 },
  { dataParallelSize: 4, port: 1, dataParallelSupervisorPort: 0 },
  { sslKeyfile: 'k', sslCertfile: 'c' },
  { deviceIds: ['0'] },
  { dataParallelSize: 2, tensorParallelSize: 2, pipelineParallelSize: 2, deviceIds: [...'01234567'] },
  { healthPath: '/' },
  { host: 'node-1.example.org' },
  { host: '::' },
  { host: 'fe80::1' },
];

const REFUSED: [Partial<Settings>, string][] = [
  [
    { dataParallelSize: 4, dataParallelSizeLocal: 8 },
    '--data-parallel-size-local 8 cannot exceed --data-parallel-size 4',
  ],
  [{ dataParallelSizeLocal: 2 }, '--data-parallel-size-local 2 cannot exceed --data-parallel-size 1'],
  [
    { dataParallelSize: 8, dataParallelSizeLocal: 3 },
    '--data-parallel-size 8 must be divisible by --data-parallel-size-local 3',
  ],
  [
    { dataParallelSize: 8, dataParallelSizeLocal: 4, dataParallelStartRank: 5 },
    'ranks 5-8 would exceed --data-parallel-size 8: expected --data-parallel-start-rank (or --node-rank x the local size) of at most 4',
  ],
  [
    { dataParallelSize: 8, dataParallelSizeLocal: 4, nodeRank: 2 },
    'ranks 8-11 would exceed --data-parallel-size 8: expected --data-parallel-start-rank (or --node-rank x the local size) of at most 4',
  ],
  [
    { dataParallelSize: 4, port: 65_533 },
    'rank ports 65533-65536 would exceed 65535: expected --port of at most 65532',
  ],
  ...[9_253, 9_256].map((port): [Partial<Settings>, string] => [
    { dataParallelSize: 4, port },
    `--data-parallel-supervisor-port 9256 overlaps with the rank ports ${port}-${port + 3}: expected a port outside of them`,
  ]),
  [{ sslKeyfile: 'k' }, '--ssl-keyfile and --ssl-certfile must be given together, got only --ssl-keyfile'],
  [{ sslCertfile: 'c' }, '--ssl-keyfile and --ssl-certfile must be given together, got only --ssl-certfile'],
  [
    { dataParallelSize: 2, tensorParallelSize: 2, pipelineParallelSize: 2, deviceIds: [...'0123456'] },
    '--device-ids: expected at least 8 (2 ranks of 4), got 7',
  ],
  [{ healthPath: 'health' }, '--health-path: expected a path from "/", got "health"'],
  ...['a b', 'http://a', 'a/b', 'a:1', '[::1]', 'fe80::1%eth0', '-dp', '@a', '{host}'].map(
    (host): [Partial<Settings>, string] => [
      { host },
      `--host: expected a host name or an IP address without brackets or zone, got "${host}"`,
    ],
  ),
];

describe('settings that go together', () => {
  test.each(LEGAL)('pass: %j', (said) => {
    expect(check(said)).not.toThrow();
  });
});

describe('settings that do not go together', () => {
  test.each(REFUSED)('are refused: %j', (said, message) => {
    expect(check(said)).toThrow(expect.objectContaining({ code: 'DPS_USAGE', status: 2, message }));
  });

  test('on another node are those of another node: only local ranks need ports and devices', () => {
    const far = { dataParallelSize: 1_000, dataParallelSizeLocal: 2, nodeRank: 499 };
    expect(check({ ...far, port: 65_534, deviceIds: ['0', '1'] })).not.toThrow();
  });
});

describe('what a program gives', () => {
  test('is checked as what a user types, and told by the name that the program used', () => {
    expect(() => readProgramOptions({ dataParallelSize: NaN })).toThrow(
      'dataParallelSize: expected a whole number from 1 to 65535, got NaN',
    );
    expect(() => readProgramOptions({ shutdownTimeout: -1 })).toThrow(
      'shutdownTimeout: expected seconds from 0 to 1000000, got -1',
    );
  });

  test('may leave out what it does not care about, or say that it is undefined', () => {
    const said: object = { port: 1, host: undefined };
    expect(readProgramOptions(said)).toEqual({ port: 1 });
  });
});
