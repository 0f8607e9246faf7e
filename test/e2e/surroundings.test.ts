import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { ask } from '../loopback.ts';
import { ENGINE, PROGRAM, rank, SLEEP, supervisor } from './supervisor.ts';

const pem = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

test('each rank finds its place in its environment', async () => {
  const script = 'echo "$DP_RANK $DP_LOCAL_RANK $DP_SIZE $DP_SIZE_LOCAL $PORT $GREETING"; exec sleep 60';
  const { line, signal, ended, url } = await supervisor({
    options: ['-dp', '4', '-dpl', '2', '-dpr', '2', '--env', 'GREETING=hello {rank} of {size}'],
    command: ['sh', '-c', script],
  });
  const port = Number(new URL(url).port);
  await line(new RegExp(`^\\[rank 2\\] 2 0 4 2 ${port + 1} hello 2 of 4$`));
  await line(new RegExp(`^\\[rank 3\\] 3 1 4 2 ${port + 2} hello 3 of 4$`));
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('with --log-format json every line is an object: those of the ranks, and its own', async () => {
  const { line, signal, ended, stdout, stderr } = await supervisor({
    options: ['--log-format', 'json'],
    command: ['sh', '-c', `echo 'say "hi"'; echo oops >&2; exec sleep 60`],
  });
  for (const number of [0, 1]) {
    await line(new RegExp(`"rank":${number},"stream":"stdout"`));
    await line(new RegExp(`"rank":${number},"stream":"stderr"`));
  }
  signal('SIGTERM');
  expect(await ended).toBe(0);
  const objects = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as unknown);
  for (const number of [0, 1]) {
    expect(objects(stdout())).toContainEqual({ rank: number, stream: 'stdout', line: 'say "hi"' });
    expect(objects(stderr())).toContainEqual({ rank: number, stream: 'stderr', line: 'oops' });
  }
  const message = 'exit status 0: SIGTERM was received';
  expect(objects(stderr()).at(-1)).toEqual({ source: 'dp-supervisor', message });
});

test('whoever reads its output and goes away does not stop the ranks', async () => {
  const { line, family, url, ended, stdout } = await supervisor({
    command: ['sh', '-c', `echo first line; exec ${rank('obedient').join(' ').replace('{port}', '$PORT')}`],
    around: (words) => ['sh', '-c', '"$@" 2>/dev/null | head -1', 'sh', ...words],
  });
  await line(/^\[rank \d\] first line$/);
  await vi.waitFor(async () => expect((await ask(`${url}/health`)).status).toBe(200), 10_000);
  const { pid } = JSON.parse((await ask(`${url}/status`)).body) as { pid: number };
  expect(family.living()).toContain(pid);
  process.kill(pid, 'SIGTERM');
  await ended;
  expect(stdout().trim().split('\n')).toHaveLength(1);
  expect(family.living()).toEqual([]);
});

test('whoever holds its output and does not read it cannot keep it for ever', async () => {
  const { line, family, url } = await supervisor({
    command: ['sh', '-c', 'exec yes'],
    around: (words) => ['sh', '-c', '"$@" | sleep 60', 'sh', ...words],
  });
  await line(/listening on/);
  const { pid } = JSON.parse((await ask(`${url}/status`)).body) as { pid: number };
  process.kill(pid, 'SIGTERM');
  await line(/exit status 0: SIGTERM was received/);
  await vi.waitFor(() => expect(family.living()).not.toContain(pid), 10_000);
});

test('Ctrl-C on a terminal reaches each rank once, through the supervisor', async () => {
  const terminal = await supervisor({
    options: ['--exit-grace', '1'],
    command: rank('deaf'),
    // `exec`: a shell in between would be ended by Ctrl-C itself.
    around: (words) => ['script', '-qefc', `exec ${words.map((word) => `'${word}'`).join(' ')}`, '/dev/null'],
  });
  await terminal.untilReady();
  terminal.write('\x03');
  expect(await terminal.ended).toBe(6);
  expect(terminal.lines.filter((each) => each.includes('got ')).sort()).toEqual([
    '[rank 0] got SIGINT',
    '[rank 1] got SIGINT',
  ]);
  expect(terminal.family.living()).toEqual([]);
});

// A container that may not run for half a second, in which it could come as two, gets another chance.
test('Ctrl-C under a wrapper that passes it on is one signal, although it comes twice', { retry: 1 }, async () => {
  const wrapper = `
    const rank = require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' });
    process.on('SIGINT', () => { console.log('wrapper got SIGINT'); rank.kill('SIGINT'); });
    rank.on('exit', (code) => process.exit(code));`.replaceAll('\n', ' ');
  const terminal = await supervisor({
    options: ['--shutdown-timeout', '600'],
    command: rank('slow'),
    around: (words) => {
      const all = [process.execPath, '-e', wrapper, ...words];
      return [
        'script',
        '-qefc',
        `exec ${all.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`,
        '/dev/null',
      ];
    },
  });
  await terminal.untilReady();
  terminal.write('\x03');
  await terminal.line(/wrapper got SIGINT/);
  await terminal.line(/\[rank 0\] got SIGINT/);
  await terminal.line(/\[rank 1\] got SIGINT/);
  await Promise.all([0, 1].map((number) => ask(`${terminal.rankUrl(number)}/leave`)));
  await terminal.line(/exit status 0: SIGINT was received$/);
  expect(await terminal.ended).toBe(0);
  expect(terminal.family.living()).toEqual([]);
});

test('SIGUSR1 opens no debugger, in which every process of the machine could run code', async () => {
  const { line, signal, lines, ended } = await supervisor({ command: SLEEP });
  await line(/listening on/);
  signal('SIGUSR1');
  await line(/found by/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(lines.join('\n')).not.toContain('Debugger');
});

test('with a key and a certificate it speaks HTTPS, to the ranks as well', async () => {
  const tls = ['--ssl-keyfile', pem('tls-key.pem'), '--ssl-certfile', pem('tls-certificate.pem')];
  const { untilReady, url, rankUrl, signal, ended, line } = await supervisor({
    options: tls,
    command: [...ENGINE, ...tls],
  });
  await line(/^dp-supervisor: listening on 127\.0\.0\.1 port \d+ \(https\); 2 ranks on ports/);
  await untilReady();
  expect((await ask(`${url.replace('http', 'https')}/health`)).status).toBe(200);
  expect((await ask(`${rankUrl(1).replace('http', 'https')}/health`)).status).toBe(200);
  await expect(ask(`${url}/health`)).rejects.toThrow();
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('what is secret on a command line or in an environment is told to nobody', async () => {
  const { line, url, signal, ended, lines } = await supervisor({
    options: ['--env', 'API_KEY=sesame-env'],
    command: ['sh', '-c', 'echo up; exec sleep 60', 'sesame-argv'],
    env: { HF_TOKEN: 'sesame-inherited' },
  });
  await line(/\[rank 1\] up/);
  await line(/listening on/);
  for (const path of ['/status', '/health', '/ranks/0/health', '/nowhere']) {
    expect((await ask(url + path)).body).not.toContain('sesame');
  }
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(lines.join('\n')).not.toContain('sesame');
});

test('the port answers from before the ranks have started: 503', async () => {
  // Ranks start when the port is held, so the first word of a rank finds it answering.
  const { line, url, signal, ended } = await supervisor({ command: ['sh', '-c', 'echo first word; exec sleep 60'] });
  await line(/first word/);
  expect((await ask(`${url}/health`)).status).toBe(503);
  expect((await ask(`${url}/readyz`)).status).toBe(503);
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('the program can be started by its own path, as an installed one is', async () => {
  const { line, signal, ended } = await supervisor({ command: SLEEP, around: ([, ...words]) => words });
  await line(/listening on/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(readFileSync(PROGRAM, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
