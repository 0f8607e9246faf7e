import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/adapters/adapter.ts';
import type { Settings } from '../../src/config/options.ts';
import { planOf } from '../config/settings-under-test.ts';

const directory = mkdtempSync(join(tmpdir(), 'vllm-adapter-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A virtual environment in which a vLLM of that version seems to be installed. */
function installed(version: string): Environment {
  const prefix = join(directory, version);
  const packages = join(prefix, 'lib/python3.12/site-packages/vllm');
  mkdirSync(packages, { recursive: true });
  mkdirSync(join(prefix, 'bin'), { recursive: true });
  writeFileSync(join(packages, '_version.py'), `__version__ = version = '${version}.dev1+gabc'\n`);
  writeFileSync(join(prefix, 'bin/vllm'), '');
  return { PATH: join(prefix, 'bin') };
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
const commands = (text: string, environment: Environment = {}, said: Partial<Settings> = {}) =>
  planOf({ devices: 'none', ...said }, words(text), environment).ranks.map(({ argv }) => argv.join(' '));
mkdirSync(join(directory, 'folder.yaml'));
const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const LINE = `vllm serve MODEL --data-parallel-size 16 --data-parallel-size-local 8 --data-parallel-start-rank 8
  --data-parallel-multi-port-external-lb --data-parallel-supervisor-port 8308 --port 8200`;

describe('a command line for vLLM’s own supervisor', () => {
  const plan = planOf({}, words(`${LINE} --shutdown-timeout 60 --dp-supervisor-probe-interval-s 2`), {});

  it('says what the group is', () => {
    expect(plan.engine).toBe('vllm');
    expect(plan.supervisor).toEqual({ host: '0.0.0.0', port: 8_308 });
    expect(plan.ranks.map(({ rank, localRank, port }) => [rank, localRank, port])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((local) => [8 + local, local, 8_200 + local]),
    );
    expect(plan.notes[0]).toBe(
      'port 8200, shutdown-timeout 60, data-parallel-size 16, data-parallel-size-local 8, data-parallel-start-rank 8, data-parallel-supervisor-port 8308, dp-supervisor-probe-interval-s 2: COMMAND',
    );
  });

  it('becomes that of one rank', () => {
    expect(plan.ranks[1]?.argv.join(' ')).toBe(
      'vllm serve MODEL --data-parallel-size 16 --shutdown-timeout 60 --port 8201 --data-parallel-rank 9 --data-parallel-size-local 1 --data-parallel-external-lb --api-server-count 1',
    );
  });

  it('may be spelt in all the ways of vLLM', () => {
    const spelt = [
      'vllm serve MODEL -dp 16 -dpl 8 -dpr 8 -dpm --data-parallel-supervisor-port 8308 --port 8200',
      'vllm serve MODEL -dp=16 -dpl=8 -dpr=8 -dpm --data-parallel-sup=8308 --port=8200',
      'vllm serve MODEL --data_parallel_size=16 --data_parallel_size_local=8 --data_parallel_start_rank=8 -dpm --data_parallel_supervisor_port=8308 --port=8200',
      'vllm serve MODEL -dp 4 -dp 16 -dpl 8 -n2 -r1 -dpm --data-parallel-supervisor-port 8308 --port 1 --port 8200',
    ];
    for (const line of spelt) {
      const { ranks, supervisor } = planOf({}, words(line), {});
      expect(supervisor.port).toBe(8_308);
      expect(ranks.map(({ rank, port }) => [rank, port])).toEqual(plan.ranks.map(({ rank, port }) => [rank, port]));
    }
  });

  it('does without vLLM’s flag for it, and may get its sizes from dp-supervisor’s own options', () => {
    expect(commands('vllm serve M', {}, { dataParallelSize: 2, tensorParallelSize: 2, shutdownTimeout: 1.5 })).toEqual(
      [0, 1].map(
        (rank) =>
          `vllm serve M --port ${8_000 + rank} --data-parallel-size 2 --data-parallel-rank ${rank} --data-parallel-size-local 1 --data-parallel-external-lb --api-server-count 1 --shutdown-timeout 2 --tensor-parallel-size 2`,
      ),
    );
  });

  it('and what was typed before it must not contradict each other', () => {
    expect(() => commands('vllm serve M -dp 4', {}, { dataParallelSize: 2 })).toThrow(
      '--data-parallel-size: got 2, and 4 in COMMAND; expected one of them',
    );
    expect(commands('vllm serve M -dp 2', {}, { dataParallelSize: 2 })).toHaveLength(2);
  });
});

describe('it is recognised', () => {
  it.each([
    'vllm serve M -dp 2',
    '/opt/venv/bin/vllm serve M -dp 2',
    'python -m vllm.entrypoints.openai.api_server --model M -dp 2',
    'python3.12 -u -m vllm.entrypoints.cli.main serve M -dp 2',
    '/usr/bin/python3 -m vllm.entrypoints.launchers.api_server.entry --model M -dp 2',
    'uv run --with x vllm serve M -dp 2',
    'env A=B vllm serve M -dp 2',
    'numactl --membind 0 nice vllm serve M -dp 2',
    'uv run --with vllm vllm serve M -dp 2',
    'conda run -n vllm vllm serve M -dp 2',
    'env -C /opt/vllm vllm serve M -dp 2',
    'python3 -mvllm.entrypoints.cli.main serve M -dp 2',
    'vllm serve M -dp 2 --kv-transfer-config {"engine_id":"x-{port}"}',
    'numactl --cpunodebind {port} vllm serve M -dp 2',
  ])('%s', (line) => {
    expect(planOf({}, words(line), {}).engine).toBe('vllm');
  });

  it.each(['vllm bench serve M', 'echo vllm serve M', 'sh -c vllm', 'my-server vllm serve', 'vllm-serve M'])(
    'not in %s',
    (line) => {
      expect(planOf({}, words(line), {}).engine).toBe('generic');
    },
  );

  it('not where placeholders tell the ranks apart already', () => {
    const line = 'vllm serve M --port {port} -dp {size} --data-parallel-rank {rank}';
    const { engine, ranks } = planOf({ dataParallelSize: 2 }, words(line), {});
    expect(engine).toBe('generic');
    expect(ranks[1]?.argv.join(' ')).toBe('vllm serve M --port 8001 -dp 2 --data-parallel-rank 1');
  });

  it('where --engine says so in anything', () => {
    expect(planOf({ engine: 'vllm' }, words('wrapper --x vllm serve M -dp 2'), {}).ranks).toHaveLength(2);
    const filled = planOf({ engine: 'vllm', dataParallelSize: 2 }, words('vllm serve M -dp {size} --port {port}'), {});
    expect(filled.ranks[1]?.argv.slice(0, 7).join(' ')).toBe('vllm serve M -dp 2 --port 8001');
    expect(() => planOf({ engine: 'vllm' }, words('wrapper M'), {})).toThrow('expected `vllm serve ...` in COMMAND');
    expect(planOf({ engine: 'generic' }, words('vllm serve M'), {}).ranks[0]?.argv).toEqual(words('vllm serve M'));
  });
});

describe('everything else', () => {
  it('stays in its place, byte for byte', () => {
    const json = '{"engine_id": "x-{rank}", "a": [1, {}]}';
    const kept = [
      '--max-model-len',
      '8k',
      '--kv_transfer_config',
      json,
      '--served-model-name',
      'a',
      'b',
      '--x',
      ' ü\n',
    ];
    const typed = ['vllm', 'serve', 'M', '-dp', '2', ...kept.slice(0, 4), '--port', '9000', ...kept.slice(4), '-dpm'];
    const [, second] = planOf({ devices: 'none' }, typed, {}).ranks;
    expect(second?.argv.slice(0, 14)).toEqual(
      ['vllm', 'serve', 'M', '-dp', '2', ...kept].map((word) => word.replace('{rank}', '1')),
    );
  });

  it('whatever it is', () => {
    const other = fc.constantFrom(
      '--seed',
      '-1',
      'a b',
      '--x=--port',
      '--a.b',
      '{"c": {}}',
      '-O3',
      '--enable-lora',
      '{',
      '--',
    );
    fc.assert(
      fc.property(fc.array(other, { maxLength: 8 }), (others) => {
        const [first] = planOf({ devices: 'none' }, ['vllm', 'serve', 'M', '-dp', '2', ...others], {}).ranks;
        const added = words(
          '--port 8000 --data-parallel-rank 0 --data-parallel-size-local 1 --data-parallel-external-lb --api-server-count 1',
        );
        const rest = first?.argv.join('\0').replace(`\0${added.join('\0')}`, '');
        expect(rest).toBe(['vllm', 'serve', 'M', '-dp', '2', ...others].join('\0'));
      }),
    );
  });

  it('and the model is no value of what stands before it', () => {
    const [first] = commands('vllm serve --api-key a --port 8200 M -dp 2');
    expect(first).toMatch(/^vllm serve M --api-key a -dp 2 --port 8200 /);
    const path = file('start.yaml', 'data-parallel-start-rank: 0\n');
    expect(commands(`vllm serve --api-key a --config ${path} M -dp 2`)[0]).toMatch(/^vllm serve M --api-key a -dp 2 /);
    expect(commands('vllm serve --hf-token -dpm M -dp 2')[0]).toMatch(/^vllm serve M --hf-token -dp 2 --port 8000 /);
  });

  it('comes before the words that are no options any more', () => {
    expect(commands('vllm serve -dp 2 -- M')[0]).toMatch(/ --api-server-count 1 -- M$/);
  });
});

describe('a file of --config', () => {
  it('is read, and what was typed is stronger', () => {
    const path = file('a.yaml', 'data-parallel-size: 4\nport: 9000\nssl_certfile: c\nssl-keyfile: k\n');
    const { ranks } = planOf({}, words(`vllm serve M --config ${path} --port 8200`), {});
    expect(ranks.map(({ healthUrl }) => healthUrl)).toEqual(
      [0, 1, 2, 3].map((local) => `https://127.0.0.1:820${local}/health`),
    );
  });

  it('stays a file as long as nothing in it is the supervisor’s', () => {
    const path = file('b.yaml', 'data-parallel-size: 2\nseed: 3\n');
    expect(commands(`vllm serve M --config ${path}`)[0]).toMatch(`vllm serve M --config ${path} --port 8000`);
  });

  it('is written out otherwise, where vLLM would put it', () => {
    const path = file(
      'c.yaml',
      'data_parallel_multi_port_external_lb: on\ndata-parallel-size: 2\nport: 9000\nserved-model-name: [a, b]\nenable-lora: false\ndisable-log-stats: false\nkv-transfer-config: {a: {b: 1}}\nx: null\n',
    );
    expect(commands(`vllm serve M --seed 1 --config ${path} --max-model-len 8k`)[0]).toBe(
      'vllm serve M --data-parallel-size 2 --served-model-name a b --kv-transfer-config {"a":{"b":1}} --x None --seed 1 --max-model-len 8k --port 9000 --data-parallel-rank 0 --data-parallel-size-local 1 --data-parallel-external-lb --api-server-count 1',
    );
    expect(commands(`python -m vllm.entrypoints.openai.api_server --config ${path} --model M`)[0]).toMatch(
      /^python -m vllm.entrypoints.openai.api_server --data-parallel-size 2 --served-model-name a b --no-enable-lora /,
    );
  });

  it('keeps numbers and dates as they are written, and the model that was typed', () => {
    const path = file(
      'd.yaml',
      'data-parallel-start-rank: 0\ndata-parallel-size: 2\nmodel: other\ngpu-memory-utilization: 0.50\nseed: 9007199254740993\nrevision: 2024-01-01\nhost: null\nuds:\n',
    );
    const [first] = planOf({ devices: 'none' }, words(`vllm serve M --config ${path}`), {}).ranks;
    expect(first?.argv.join(' ')).toBe(
      'vllm serve M --data-parallel-size 2 --gpu-memory-utilization 0.50 --seed 9007199254740993 --revision 2024-01-01 --host None --uds None --port 8000 --data-parallel-rank 0 --data-parallel-size-local 1 --data-parallel-external-lb --api-server-count 1',
    );
    expect(first?.healthUrl).toBe('http://127.0.0.1:8000/health');
  });

  it('is none behind "=": vLLM does not read it, and plan says so', () => {
    const { notes } = planOf({}, words('vllm serve M -dp 2 --config=x.yaml'), {});
    expect(notes).toContain('vLLM reads no file behind "--config=": it wants "--config FILE", in two words');
  });

  it.each([
    ['that is not there', '/no/such.yaml', "ENOENT: no such file or directory, stat '/no/such.yaml'"],
    ['of another kind', '/etc/passwd', 'expected a file whose name ends in .yaml or .yml'],
    ['that is a list', file('list.yaml', '- a\n'), 'expected a mapping of options'],
    ['that is empty', file('empty.yaml', ''), 'expected a mapping of options'],
    ['that is no YAML', file('bad.yaml', 'a: [1\nb: {'), 'vLLM: --config'],
    ['that is a folder', `${directory}/folder.yaml`, 'it is no regular file'],
    ['for each rank', '/cfg-{rank}.yaml', 'a placeholder cannot be filled in here: it is one file for all ranks'],
  ])('%s is refused', (_what, path, message) => {
    expect(() => commands(`vllm serve M -dp 2 --config ${path}`)).toThrow(message);
  });
});

describe('what vLLM’s supervisor refuses is refused by name', () => {
  it.each([
    ['--grpc', 'vLLM: --grpc: ranks are asked for their health over HTTP'],
    ['--grpc-port 50051', 'vLLM: --grpc-port 50051: the ranks would share it'],
    ['--uds /tmp/s', 'vLLM: --uds /tmp/s: each rank listens on a port of its own'],
    ['--api-server-count 2', 'vLLM: --api-server-count 2: each rank has one'],
    ['-asc 4', 'vLLM: --api-server-count 4: each rank has one'],
    ['--data-parallel-rank 1', 'vLLM: --data-parallel-rank 1: the ranks are numbered here'],
    [
      '-dpm -dpe',
      'vLLM: --data-parallel-external-lb: it cannot be combined with --data-parallel-multi-port-external-lb',
    ],
    ['--data-parallel-hybrid-lb', 'vLLM: --data-parallel-hybrid-lb: it is another way of balancing load'],
    ['-dp 1', 'vLLM: --data-parallel-size 1: expected at least 2'],
    ['-dpl 1', 'vLLM: --data-parallel-size-local 1: expected at least 2 ranks on this node'],
    ['-dpl 8', '--data-parallel-size-local 8 cannot exceed --data-parallel-size 4'],
    ['-dpl 3', '--data-parallel-size 4 must be divisible by --data-parallel-size-local 3'],
    ['-dpl 2 -dpr 3', 'ranks 3-4 would exceed --data-parallel-size 4'],
    ['--headless', 'vLLM: --headless: a rank without an API server cannot be asked for its health'],
    ['--ssl-keyfile k', '--ssl-keyfile and --ssl-certfile must be given together'],
    ['--port 9255', '--data-parallel-supervisor-port 9256 overlaps with the rank ports 9255-9258'],
    ['--port 65534', 'rank ports 65534-65537 would exceed 65535'],
    ['--device-ids 0,1,2', '--device-ids: expected at least 4 (4 ranks of 1), got 3'],
    ['-dp4', 'vLLM: -dp4: vLLM takes "-dp 4" or "-dp=4"'],
    ['--data-parallel-s 4', 'vLLM: --data-parallel-s could be any of'],
    ['--port', 'vLLM: --port: expected a value'],
    ['--port --seed', 'vLLM: --port: expected a value before --seed'],
    ['--port 8k', '--port of vLLM: expected a whole number, got "8k"'],
    ['--shutdown-timeout 1.5', '--shutdown-timeout of vLLM: expected a whole number, got "1.5"'],
    ['-dpe=true', 'vLLM: -dpe=true: --data-parallel-external-lb takes no value'],
  ])('%s', (more, message) => {
    expect(() => commands(`vllm serve M -dp 4 ${more}`)).toThrow(message);
  });

  it.each(['--api-server-count 1', '--no-data-parallel-external-lb', '-dpe --no-data-parallel-external-lb'])(
    'and not %s',
    (more) => {
      expect(commands(`vllm serve M -dp 4 ${more}`)[0]).toMatch(
        /^vllm serve M -dp 4 --port 8000 --data-parallel-rank 0 --data-parallel-size-local 1 --data-parallel-external-lb --api-server-count 1$/,
      );
    },
  );
});

describe('devices', () => {
  const devices = (line: string, environment: Environment, said: Partial<Settings> = {}) => {
    const plan = planOf(said, words(line), environment);
    const ids = ({ argv }: (typeof plan.ranks)[number]) => /--device-ids (\S+)/.exec(argv.join(' '))?.[1];
    return { how: plan.devices, each: plan.ranks.map((rank) => ids(rank) ?? rank.env['CUDA_VISIBLE_DEVICES']) };
  };

  it('are told by --device-ids to a vLLM that has it, and by a mask to one that has not', () => {
    expect(devices('vllm serve M -dp 2 -tp 2', installed('0.24.0'))).toEqual({
      how: 'ids (vLLM 0.24.0 has --device-ids)',
      each: ['0,1', '2,3'],
    });
    expect(devices('vllm serve M -dp 2', installed('0.23.1'))).toEqual({
      how: 'mask, CUDA_VISIBLE_DEVICES (vLLM 0.23.1 has no --device-ids, 0.24.0 has)',
      each: ['0', '1'],
    });
  });

  it('are told by it when COMMAND has it, counted within the inherited mask', () => {
    expect(devices('vllm serve M -dp 2 --device-ids 3,1', { CUDA_VISIBLE_DEVICES: '4,5,6,7' })).toEqual({
      how: 'ids (COMMAND has --device-ids)',
      each: ['3', '1'],
    });
    const masked = { CUDA_VISIBLE_DEVICES: '4,5,6,7' };
    expect(devices('vllm serve M -dp 2 --device-ids 3,1', masked, { devices: 'mask' })).toEqual({
      how: 'mask, CUDA_VISIBLE_DEVICES (--devices)',
      each: ['7', '5'],
    });
  });

  it('must be enough, in numbers', () => {
    const short = { ...installed('0.30.0'), CUDA_VISIBLE_DEVICES: '0,1,2' };
    expect(() => devices('vllm serve M -dp 2 -tp 2', short)).toThrow(
      '--devices ids: 2 ranks of 2 (tensor x pipeline parallel size) need 4 devices, and CUDA_VISIBLE_DEVICES=0,1,2 shows 3',
    );
  });

  it('of Ascend have a mask of their own', () => {
    const plan = planOf({}, words('vllm serve M -dp 2'), { ASCEND_RT_VISIBLE_DEVICES: '2,3' });
    expect(plan.engine).toBe('vllm-ascend');
    expect(plan.ranks.map(({ env }) => env['ASCEND_RT_VISIBLE_DEVICES'])).toEqual(['2', '3']);
  });
});

describe('nodes', () => {
  const llmd = `vllm serve M --data-parallel-size 16 --data-parallel-size-local 8 --data-parallel-multi-port-external-lb
    --data-parallel-address leader.svc --data-parallel-rpc-port 5555 --port 8200`;

  it('of LeaderWorkerSet give the plan that the llm-d guide works out in its shell', () => {
    const lws = { LWS_WORKER_INDEX: '1', LWS_GROUP_SIZE: '2', LWS_LEADER_ADDRESS: 'leader.svc' };
    const byHand = commands(`${llmd} --data-parallel-start-rank 8`);
    expect(commands(llmd, lws)).toEqual(byHand);
    expect(commands(llmd.replace('--data-parallel-size-local 8', ''), lws)).toEqual(byHand);
  });

  it('of LeaderWorkerSet say where the first node is, when COMMAND does not', () => {
    const lws = { LWS_WORKER_INDEX: '1', LWS_GROUP_SIZE: '2', LWS_LEADER_ADDRESS: 'leader.svc' };
    const plan = planOf({ devices: 'none' }, words('vllm serve M -dp 4'), lws);
    expect(plan.ranks[0]?.argv.join(' ')).toMatch(/ --data-parallel-address leader.svc$/);
    expect(plan.notes).toEqual([
      'data-parallel-size 4: COMMAND',
      'node-rank 1: LWS_WORKER_INDEX',
      'nnodes 2: LWS_GROUP_SIZE',
      'data-parallel-address leader.svc: LWS_LEADER_ADDRESS',
    ]);
    expect(commands('vllm serve M -dp 4 -dpa mine', lws)[0]).not.toContain('leader.svc');
    expect(commands('vllm serve M -dp 2', { ...lws, LWS_GROUP_SIZE: '1', LWS_WORKER_INDEX: '0' })[0]).not.toContain(
      'leader',
    );
  });
});

it('who looks like vLLM behind something unknown is told apart from a server like any other', () => {
  expect(planOf({}, ['bash', '-c', 'vllm serve M -dp 2 -dpl 2 -dpm'], {}).warnings).toEqual([
    "vLLM's own supervisor would be started by each rank: --engine vllm reads the command",
  ]);
});

describe('several nodes', () => {
  it('without an address are warned of', () => {
    const [warning] = planOf({ devices: 'none' }, words('vllm serve M -dp 4 -n 2 -r 1'), {}).warnings;
    expect(warning).toBe(
      'the ranks of other nodes are looked for at 127.0.0.1: expected --data-parallel-address in COMMAND',
    );
    expect(planOf({ devices: 'none' }, words('vllm serve M -dp 4 -n 2 -dpa lead'), {}).warnings).toEqual([]);
  });
});

describe('variables that COMMAND sets itself', () => {
  it('are those of the ranks', () => {
    const line = words('env CUDA_VISIBLE_DEVICES=4,5 vllm serve M -dp 2');
    expect(planOf({}, line, {}).devices).toBe('none (COMMAND sets CUDA_VISIBLE_DEVICES)');
    expect(() => planOf({ devices: 'mask' }, line, {})).toThrow('COMMAND sets CUDA_VISIBLE_DEVICES itself');
    expect(() => planOf({ devices: 'ids' }, words('env CUDA_VISIBLE_DEVICES=4 vllm serve M -dp 2'), {})).toThrow(
      'need 2 devices, and CUDA_VISIBLE_DEVICES=4 shows 1',
    );
    const channel = words('env VLLM_P2P_SIDE_CHANNEL_PORT=7000 vllm serve M -dp 2');
    expect(planOf({ devices: 'none' }, channel, {}).ports[0]).toEqual({
      port: 7_000,
      use: 'P2P side channel',
      rank: 0,
    });
  });
});

describe('independent servers', () => {
  const said: Partial<Settings> = { engine: 'vllm-independent', devices: 'none' };

  it('know nothing of each other', () => {
    expect(commands('vllm serve M -dp 2 -dpm -dpa x -dpp 1 --api-server-count 2 --seed 1', {}, said)).toEqual([
      'vllm serve M --api-server-count 2 --seed 1 --port 8000',
      'vllm serve M --api-server-count 2 --seed 1 --port 8001',
    ]);
  });
});

describe('what ranks of one host would share', () => {
  const independent: Partial<Settings> = { engine: 'vllm-independent', devices: 'none', dataParallelSize: 2 };
  const nixl = (id: string) => ['--kv-transfer-config', `{"kv_connector":"NixlConnector","engine_id":"${id}"}`];
  const events = [
    '--kv-events-config',
    '{"enable_kv_cache_events":true,"endpoint":"tcp://*:5557","replay_endpoint":"tcp://*:6000"}',
  ];
  const serve = ['vllm', 'serve', 'M', '-dp', '2'];

  it('is warned of', () => {
    expect(planOf(independent, [...serve, ...nixl('x'), ...events], { HOME: '/h' }).warnings).toEqual(
      [
        'the engine_id "x" (--kv-transfer-config): put {rank} into it',
        "the NIXL side channel, port 5600 (VLLM_NIXL_SIDE_CHANNEL_PORT): say --env 'VLLM_NIXL_SIDE_CHANNEL_PORT=56{local_rank}0'",
        'the KV events at tcp://*:5557 (--kv-events-config): count them up with {local_rank}',
        'the KV events, replay at tcp://*:6000 (--kv-events-config): count them up with {local_rank}',
        "the torch compile cache /h/.cache/vllm (VLLM_CACHE_ROOT): say --env 'VLLM_CACHE_ROOT=/h/.cache/vllm/{rank}'",
      ].map((what) => `the ranks would share ${what}, or give --auto-ports`),
    );
  });

  it('is each rank’s own with --auto-ports', () => {
    const { warnings, ranks, ports } = planOf(
      { ...independent, autoPorts: true, tensorParallelSize: 2 },
      [...serve, ...nixl('x'), ...events],
      { HOME: '/h', VLLM_NIXL_SIDE_CHANNEL_PORT: '7000' },
    );
    expect(warnings).toEqual([]);
    expect(
      ranks.map(({ argv }) => argv.filter((word) => word.startsWith('{')).map((json) => JSON.parse(json))),
    ).toEqual(
      [0, 1].map((rank) => [
        { kv_connector: 'NixlConnector', engine_id: `x-${rank}` },
        {
          enable_kv_cache_events: true,
          endpoint: `tcp://*:${5_557 + rank}`,
          replay_endpoint: `tcp://*:${6_000 + rank}`,
        },
      ]),
    );
    expect(ranks.map(({ env }) => [env['VLLM_NIXL_SIDE_CHANNEL_PORT'], env['VLLM_CACHE_ROOT']])).toEqual([
      ['7000', '/h/.cache/vllm/rank-0'],
      ['7002', '/h/.cache/vllm/rank-1'],
    ]);
    expect(ports.map(({ port, use, rank }) => `${port} ${use} ${rank}`)).toEqual([
      '5557 KV events 0',
      '5558 KV events 1',
      '6000 KV events, replay 0',
      '6001 KV events, replay 1',
      '7000 NIXL side channel 0',
      '7002 NIXL side channel 1',
      '8000 server 0',
      '8001 server 1',
      '9256 supervisor null',
    ]);
  });

  it('is spread out of each other’s way, and is stronger than --env', () => {
    const said = { ...independent, autoPorts: true, env: { VLLM_NIXL_SIDE_CHANNEL_PORT: '6000' } };
    const near = '{"enable_kv_cache_events":true,"replay_endpoint":"tcp://*:5558"}';
    const line = [...serve, ...nixl('x'), '--kv-events-config', near, '--ec-transfer-config', '{}'];
    const { ranks, ports, warnings } = planOf(said, line, {});
    expect(warnings).toEqual([]);
    expect(ranks.map(({ env }) => env['VLLM_NIXL_SIDE_CHANNEL_PORT'])).toEqual(['6000', '6001']);
    expect(ports.map(({ port }) => port).slice(0, 8)).toEqual([5_557, 5_558, 5_560, 5_561, 5_603, 5_604, 6_000, 6_001]);
  });

  it.each([
    [
      { VLLM_NIXL_SIDE_CHANNEL_PORT: 'abc' },
      [],
      'VLLM_NIXL_SIDE_CHANNEL_PORT: expected a whole number from 1 to 65535',
    ],
    [{ VLLM_NIXL_SIDE_CHANNEL_PORT: '65535' }, [], 'port 65536 for NIXL side channel of rank 1 would exceed 65535'],
    [{}, ['-dpp', 'abc'], '--data-parallel-rpc-port of vLLM: expected a whole number from 1 to 65535, got "abc"'],
  ])('is no port: %o %o', (environment, more, message) => {
    expect(() => planOf({ devices: 'none' }, [...serve, ...nixl('x'), ...more], environment)).toThrow(message);
  });

  it('is no KV event where there are none', () => {
    const off = ['--kv-events-config', '{"endpoint":"tcp://*:5557"}'];
    expect(planOf({ ...independent, env: { VLLM_CACHE_ROOT: '/{rank}' } }, [...serve, ...off], {}).warnings).toEqual(
      [],
    );
  });

  it('is nothing where a placeholder tells the ranks apart, or vLLM does', () => {
    const apart = { ...independent, env: { VLLM_NIXL_SIDE_CHANNEL_PORT: '7{port}', VLLM_CACHE_ROOT: '/c/{rank}' } };
    expect(planOf(apart, [...serve, ...nixl('x-{rank}')], {}).warnings).toEqual([]);
    const group = planOf({ devices: 'none' }, [...serve, ...nixl('x'), ...events], installed('0.24.0'));
    expect(group.warnings).toEqual([]);
    expect(group.ports.filter(({ rank }) => rank === 1).map(({ port }) => port)).toEqual([5_558, 5_601, 6_001, 8_001]);
  });

  it('is the engine_id in a vLLM that numbers its ranks by the server they are in', () => {
    const { warnings } = planOf({ devices: 'none' }, [...serve, ...nixl('x')], installed('0.23.0'));
    expect(warnings).toEqual([
      'the ranks would share the engine_id "x" (--kv-transfer-config): put {rank} into it, or give --auto-ports',
    ]);
  });

  it('is no port of another kind: that is told as well', () => {
    const { warnings } = planOf(
      { devices: 'none' },
      [...serve, '--port', '5600', ...nixl('x-{rank}')],
      installed('0.30.0'),
    );
    expect(warnings).toEqual([
      'port 5600 would be that of server of rank 0 and NIXL side channel of rank 0',
      'port 5601 would be that of server of rank 1 and NIXL side channel of rank 1',
    ]);
  });
});
