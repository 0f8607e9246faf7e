import { expect, test } from 'vitest';
import { program } from './program-under-test.ts';

const LINK = 'tcp://10.0.0.1:80';

test.concurrent('`plan --json` prints the supervisor, each rank, what is known of both, and nothing else', async () => {
  const words = [
    'plan',
    '--json',
    '-dp',
    '4',
    '-dpl',
    '2',
    '-r',
    '1',
    '-tp',
    '2',
    '--host',
    '::',
    '--env',
    'D={devices}',
  ];
  const { status, stdout, stderr } = await program([...words, 'serve', '--port', '{port}', '{"a": {}}'], {
    DPS_PORT: LINK,
  });
  const sizes = { DP_SIZE: '4', DP_SIZE_LOCAL: '2' };
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    supervisor: { host: '::', port: 9_256 },
    engine: 'generic',
    devices: 'mask, CUDA_VISIBLE_DEVICES (it has no option for devices)',
    notes: [],
    ports: [
      { port: 8_000, use: 'server', rank: 2 },
      { port: 8_001, use: 'server', rank: 3 },
      { port: 9_256, use: 'supervisor', rank: null },
    ],
    ranks: [
      {
        rank: 2,
        localRank: 0,
        port: 8_000,
        argv: ['serve', '--port', '8000', '{"a": {}}'],
        env: { ...sizes, DP_RANK: '2', DP_LOCAL_RANK: '0', PORT: '8000', CUDA_VISIBLE_DEVICES: '0,1', D: '0,1' },
        healthUrl: 'http://[::1]:8000/health',
      },
      {
        rank: 3,
        localRank: 1,
        port: 8_001,
        argv: ['serve', '--port', '8001', '{"a": {}}'],
        env: { ...sizes, DP_RANK: '3', DP_LOCAL_RANK: '1', PORT: '8001', CUDA_VISIBLE_DEVICES: '2,3', D: '2,3' },
        healthUrl: 'http://[::1]:8001/health',
      },
    ],
    warnings: [`DPS_PORT=${LINK} is a link that Kubernetes made for a Service; it is ignored`],
  });
});

test.concurrent('`plan` prints the same in words, quoted as a shell would have to be told', async () => {
  const words = ['plan', '--env', "NOTE=it's {rank}", '--', 'serve', '--port={port}', '{"a": 1}', ''];
  expect(await program(words, { DPS_PORT: LINK })).toEqual({
    status: 0,
    stderr: '',
    stdout: [
      'supervisor  0.0.0.0 port 9256',
      'engine      generic',
      'devices     mask, CUDA_VISIBLE_DEVICES (it has no option for devices)',
      'rank 0',
      '  port      8000',
      '  health    http://127.0.0.1:8000/health',
      `  command   serve --port=8000 '{"a": 1}' ''`,
      `  env       DP_RANK=0 DP_LOCAL_RANK=0 DP_SIZE=1 DP_SIZE_LOCAL=1 PORT=8000 CUDA_VISIBLE_DEVICES=0 NOTE='it'\\''s 0'`,
      'ports',
      '  8000      server of rank 0',
      '  9256      supervisor',
      `warning     DPS_PORT=${LINK} is a link that Kubernetes made for a Service; it is ignored`,
      '',
    ].join('\n'),
  });
});

test.concurrent('the words of COMMAND survive the way through a real argument vector', async () => {
  const words = ['--', '-dp', '--help', 'a b', '', '*', '$HOME', "'", '"', '\\', 'ö€😀', '\n', '{}', '--json=1'];
  const { stdout } = await program(['plan', '--json', '--', 'serve', ...words]);
  expect(JSON.parse(stdout)).toMatchObject({ ranks: [{ argv: ['serve', ...words] }] });
});
