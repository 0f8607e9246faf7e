import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ask } from '../loopback.ts';
import { end } from '../processes.ts';
import { ENGINE, rank, SLEEP, supervisor } from './supervisor.ts';

const ONE = ['-dp', '1'];
const FAILS = ['sh', '-c', 'for n in $(seq 60); do echo "step $n"; done; echo "out of memory" >&2; exit 17'];

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Rank 0 writes so many numbered lines as fast as it can, and leaves. */
const counting = (lines: number) => ['awk', `BEGIN { for (i = 0; i < ${lines}; i++) printf "%0199d\\n", i }`];

test('a reader that is slower than the flush timeout gets every line of a rank that has left', async () => {
  const reader =
    'while (sysread STDIN, $b, 65536) { $n += $b =~ tr/\\n//; select undef, undef, undef, 0.02 } print "$n lines\\n"';
  const { line, ended } = await supervisor({
    options: [...ONE, '--log-flush-timeout', '0.5'],
    command: counting(30_000),
    around: (words) => ['sh', '-c', `"$@" | perl -e '${reader}'`, 'sh', ...words],
  });
  expect((await line(/^(\d+) lines$/))[1]).toBe('30000');
  expect(await ended).toBe(0);
});

test('what is left in the pipe of a rank, whose daemon holds it and goes on writing, is not lost', async () => {
  const daemon = 'setsid sh -c "echo daemon \\$\\$; while :; do echo noise; sleep 0.05; done" &';
  const { line, stdout, ended, family, verdict } = await supervisor({
    options: ONE,
    command: ['sh', '-c', `${daemon} sleep 0.2; seq 20000; printf 'last words'; exit 9`],
  });
  const [, pid] = await line(/daemon (\d+)/);
  onTestFinished(() => end(Number(pid)));
  expect(await ended).toBe(3);
  expect(verdict()).toContain('rank 0 exited with code 9 before the group was ready');
  expect(stdout().match(/^\[rank 0\] \d+$/gm)).toHaveLength(20_000);
  expect(stdout()).toMatch(/last words/);
  for (const left of family.living()) end(left);
});

test('a full disk under its output is told once, and stops no rank', async () => {
  const { untilReady, url, signal, ended, stderr, verdict } = await supervisor({
    command: ['sh', '-c', `echo one; echo two; exec ${rank('obedient').join(' ').replace('{port}', '$PORT')}`],
    around: (words) => ['sh', '-c', 'exec "$@" >/dev/full', 'sh', ...words],
  });
  await untilReady();
  expect((await ask(`${url}/health`)).status).toBe(200);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr().match(/ENOSPC/g)).toHaveLength(1);
  expect(verdict()).toBe('dp-supervisor: exit status 0: SIGTERM was received');
});

test('without any output of its own it works as well', async () => {
  const { url, family } = await supervisor({
    command: rank('obedient'),
    around: (words) => ['sh', '-c', 'exec "$@" >&- 2>&-', 'sh', ...words],
  });
  await vi.waitFor(async () => expect((await ask(`${url}/health`)).status).toBe(200), 10_000);
  const { pid } = JSON.parse((await ask(`${url}/status`)).body) as { pid: number };
  process.kill(pid, 'SIGTERM');
  await vi.waitFor(() => expect(family.living()).toEqual([]), 10_000);
});

test('a rank has /dev/null as its standard input, whatever the supervisor has', async () => {
  const { line, signal, ended } = await supervisor({
    command: ['sh', '-c', 'echo "stdin $(readlink /proc/self/fd/0) $(cat | wc -c)"; exec sleep 60'],
  });
  await line(/^\[rank 1\] stdin \/dev\/null 0$/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('the last 50 lines of the rank that failed stand on standard error, right before the verdict', async () => {
  const { ended, stderr, verdict } = await supervisor({ options: ONE, command: FAILS });
  expect(await ended).toBe(3);
  const lines = stderr().trimEnd().split('\n');
  const from = lines.indexOf('dp-supervisor: the last 50 lines of rank 0:');
  const told = lines.slice(from + 1, -1);
  expect(told).toHaveLength(50);
  for (const line of told) expect(line).toMatch(/^dp-supervisor: {3}rank 0 \| (step \d+|out of memory)$/);
  expect(told).toContain('dp-supervisor:   rank 0 | step 60');
  expect(told).toContain('dp-supervisor:   rank 0 | out of memory');
  expect(verdict()).toBe('dp-supervisor: exit status 3: rank 0 exited with code 17 before the group was ready');
});

test('in json they are objects', async () => {
  const { ended, stderr } = await supervisor({ options: [...ONE, '--log-format', 'json'], command: FAILS });
  expect(await ended).toBe(3);
  const objects = stderr()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const last = objects.filter((object) => 'lastLine' in object);
  expect(last).toHaveLength(50);
  expect(last).toContainEqual({ source: 'dp-supervisor', rank: 0, lastLine: 'step 60' });
  expect(objects.at(-52)).toEqual({ source: 'dp-supervisor', message: 'the last 50 lines of rank 0:' });
  expect(objects.at(-1)?.['message']).toMatch(/^exit status 3/);
});

test('of a rank that is unhealthy they are those before it was given up, not what it says of its end', async () => {
  const { untilReady, rankUrl, ended, stderr } = await supervisor({
    options: ['--dp-supervisor-probe-interval-s', '0.1'],
    command: ENGINE,
  });
  await untilReady();
  await ask(`${rankUrl(1)}/fault/unavailable`, { method: 'POST' });
  expect(await ended).toBe(4);
  const told = stderr().match(/^dp-supervisor: {3}rank 1 \| .*$/gm) ?? [];
  expect(told.length).toBeGreaterThan(0);
  expect(told.join('\n')).not.toMatch(/drain|stop|SIGTERM/i);
});

test('whoever is asked to stop has failed of nothing: no lines', async () => {
  const { line, signal, ended, stderr } = await supervisor({ command: ['sh', '-c', 'echo up; exec sleep 60'] });
  await line(/\[rank 0\] up/);
  await line(/\[rank 1\] up/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr()).not.toContain('the last');
});

test('the termination log has the cause and the last lines, without secrets, in at most 4 KiB', async () => {
  const path = join(directory(), 'termination-log');
  const script = 'yes "a line to fill the room" | head -n 500; echo "token is $HF_TOKEN"; echo api_key=abc123; exit 17';
  const { ended } = await supervisor({
    options: [...ONE, '--termination-log', path],
    command: ['sh', '-c', script],
    env: { HF_TOKEN: 'sesame-inherited' },
  });
  expect(await ended).toBe(3);
  const message = readFileSync(path, 'utf8');
  expect(message).toMatch(
    /^exit status 3: rank 0 exited with code 17 before the group was ready\nthe last lines of rank 0:\na line to fill/,
  );
  expect(message).toMatch(/\ntoken is \*\*\*\napi_key=\*\*\*\n$/);
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096);
});

test('of a rank that wrote nothing it is the verdict alone', async () => {
  const path = join(directory(), 'termination-log');
  const { ended } = await supervisor({ options: [...ONE, '--termination-log', path], command: ['false'] });
  expect(await ended).toBe(3);
  expect(readFileSync(path, 'utf8')).toBe('exit status 3: rank 0 exited with code 1 before the group was ready\n');
});

test('it is there as soon as the cause is known, should the supervisor not live to say more', async () => {
  const path = join(directory(), 'termination-log');
  const { untilReady, rankUrl, signal, ended, family } = await supervisor({
    options: ['--termination-log', path, '--shutdown-timeout', '60'],
    command: [
      'sh',
      '-c',
      `test $DP_RANK = 0 && exec ${ENGINE.join(' ').replace('{port}', '$PORT')}; exec "$@"`,
      'sh',
    ].concat(rank('deaf')),
  });
  await untilReady();
  await ask(`${rankUrl(0)}/fault/crash`, { method: 'POST' });
  await vi.waitFor(() =>
    expect(readFileSync(path, 'utf8')).toMatch(/^stopping: rank 0 exited with code 1 after the group was ready\n/),
  );
  signal('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  for (const left of family.living()) end(left);
});

test('a termination log that cannot be written is told once and changes no status', async () => {
  const { line, signal, ended, stderr } = await supervisor({ options: ['--termination-log', '/'], command: SLEEP });
  await line(/listening on/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr().match(/cannot write the termination log/g)).toHaveLength(1);
});

test('--log-dir has a file of each rank, with the lines that are on standard output and error too', async () => {
  const path = join(directory(), 'new');
  const { line, signal, ended, stdout } = await supervisor({
    options: ['--log-dir', path],
    command: ['sh', '-c', 'echo out of $DP_RANK; echo err of $DP_RANK >&2; exec sleep 60'],
  });
  for (const number of [0, 1]) {
    await line(new RegExp(`out of ${number}`));
    await line(new RegExp(`err of ${number}`));
  }
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(readdirSync(path).sort()).toEqual(['rank-0.log', 'rank-1.log']);
  for (const number of [0, 1]) {
    const lines = readFileSync(join(path, `rank-${number}.log`), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.sort()).toEqual([`[rank ${number}] err of ${number}`, `[rank ${number}] out of ${number}`]);
    expect(stdout()).toContain(`[rank ${number}] out of ${number}\n`);
  }
});

test('not a line is missing from the files and their predecessors, and no more of them are kept than asked for', async () => {
  const path = directory();
  const { ended } = await supervisor({
    options: [...ONE, '--log-dir', path, '--log-max-mb', '1', '--log-max-files', '9'],
    command: counting(30_000),
    around: (words) => ['sh', '-c', 'exec "$@" >/dev/null', 'sh', ...words],
  });
  expect(await ended).toBe(3);
  const names = readdirSync(path).sort().reverse();
  expect(names).toEqual([
    'rank-0.log.6',
    'rank-0.log.5',
    'rank-0.log.4',
    'rank-0.log.3',
    'rank-0.log.2',
    'rank-0.log.1',
    'rank-0.log',
  ]);
  const lines = names.flatMap((name) => readFileSync(join(path, name), 'utf8').trimEnd().split('\n'));
  expect(lines.map((line) => Number(line.slice('[rank 0] '.length)))).toEqual(
    Array.from({ length: 30_000 }, (_, i) => i),
  );
});

test('a directory that cannot be written is refused in one line, and nothing is started: 2', async () => {
  const { ended, stderr, stdout } = await supervisor({
    options: ['--log-dir', '/proc/self'],
    command: ['sh', '-c', 'echo started'],
  });
  expect(await ended).toBe(2);
  expect(stderr()).toMatch(/^dp-supervisor: --log-dir: [^\n]*\n$/);
  expect(stdout()).toBe('');
});

test('a disk that is full later is told once, and stops no rank and no other output', async () => {
  const path = directory();
  const { line, untilReady, url, signal, ended, stderr, stdout } = await supervisor({
    options: ['--log-dir', path],
    command: ['sh', '-c', `seq 100000; exec ${rank('obedient').join(' ').replace('{port}', '$PORT')}`],
    // No file may be larger than this: Node ignores the signal, and gets an error as from a full disk.
    around: (words) => ['sh', '-c', 'ulimit -f 64; exec "$@"', 'sh', ...words],
  });
  await line(/cannot write .*rank-\d\.log: EFBIG/);
  await untilReady();
  expect((await ask(`${url}/health`)).status).toBe(200);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr().match(/EFBIG/g)).toHaveLength(1);
  expect(stdout().match(/^\[rank 1\] \d+$/gm)).toHaveLength(100_000);
});
