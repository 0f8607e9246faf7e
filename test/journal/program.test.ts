import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { replay } from '../../streams/replay.ts';
import { ask } from '../loopback.ts';
import { program, RANK } from './program.ts';
import { checked, checkedFile, type Read } from './schema-check.ts';

let directory = '';
const at = (name: string) => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

const typesOf = ({ entries }: Read) => entries.map((entry) => ('fact' in entry ? entry.fact.type : entry.command.type));
const divergenceOf = ({ entries, header }: Read) => replay(entries, header.policy).divergence;

describe('with --journal', () => {
  it('every fact and command of a group is in the file, and a replay gives the same commands', async () => {
    const group = await program({ options: ['--journal', at('j')] });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGTERM');
    expect(await group.ended).toBe(0);
    const read = checkedFile(at('j'));
    expect(typesOf(read)).toEqual(
      expect.arrayContaining([
        'StartRank',
        'RankStarted',
        'ProbeRank',
        'ProbeAnswered',
        'SignalReceived',
        'RankExited',
      ]),
    );
    expect(typesOf(read)).toContain('RankCleared');
    expect(read.entries.filter((entry) => 'command' in entry).at(-1)).toMatchObject({ command: { type: 'Exit' } });
    expect(read.gaps).toEqual([]);
    expect(divergenceOf(read)).toBeNull();
    expect(statSync(at('j')).mode & 0o777).toBe(0o600);
    expect(group.verdict()).toBe('dp-supervisor: exit status 0: SIGTERM was received');
  });

  it('what was commanded before the supervisor was killed is in the file', async () => {
    const group = await program({ options: ['--journal', at('j')] });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGKILL');
    await group.ended;
    const read = checkedFile(at('j'));
    expect(typesOf(read).slice(0, 2)).toEqual(['StartRank', 'StartRank']);
    expect(divergenceOf(read)).toBeNull();
  });

  it('a file that cannot be opened is a mistake of the user: status 2, one line, nothing started', async () => {
    const group = await program({ options: ['--journal', at('missing/j')], command: ['touch', at('started')] });
    expect(await group.ended).toBe(2);
    expect(group.stderr()).toBe(
      `dp-supervisor: --journal: ENOENT: no such file or directory, open '${at('missing/j')}'\n`,
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it('a full disk is told once, and supervision goes on', async () => {
    const group = await program({ options: ['--journal', '/dev/full'] });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGTERM');
    expect(await group.ended).toBe(0);
    expect(group.stderr().match(/cannot write the journal \/dev\/full: ENOSPC/g)).toHaveLength(1);
  });

  it('a vanished directory is told once, and the group that fails then leaves its last entries elsewhere', async () => {
    mkdirSync(at('gone'));
    const group = await program({ options: ['--journal', at('gone/j'), '--journal-on-failure', directory] });
    await group.line(/ranks are ready/);
    rmSync(at('gone'), { recursive: true });
    await ask(`${group.rankUrl(1)}/exit/17`).catch(() => undefined);
    expect(await group.ended).toBe(4);
    expect(group.stderr().match(/cannot write the journal .*gone\/j: ENOENT/g)).toHaveLength(1);
    const [name = ''] = readdirSync(directory);
    expect(group.verdict()).toContain(`; the journal is ${at(name)}`);
    expect(divergenceOf(checkedFile(at(name)))).toBeNull();
  });

  it('the last line of a group that failed names the file', async () => {
    const group = await program({ options: ['--journal', at('j')], command: ['false'] });
    expect(await group.ended).toBe(3);
    expect(group.verdict()).toMatch(/exit status 3: rank \d exited with code 1 before the group was ready/);
    expect(group.verdict().endsWith(`; the journal is ${at('j')}`)).toBe(true);
    expect(readdirSync(directory)).toEqual(['j']);
    checkedFile(at('j'));
  });

  it('after an uncaught fault of our own it is complete', async () => {
    writeFileSync(
      at('fault.mjs'),
      `process.argv[1].endsWith('main.js') && process.once('SIGCONT', () => { throw new Error('planted') });`,
    );
    const options = ['--journal', at('j'), '--dp-supervisor-probe-interval-s', '1000'];
    const group = await program({ options, env: { NODE_OPTIONS: `--import=${at('fault.mjs')}` } });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGCONT');
    expect(await group.ended).toBe(1);
    expect(group.verdict()).toContain(`fault of its own: Error: planted; the journal is ${at('j')}`);
    const read = checkedFile(at('j'));
    expect(divergenceOf(read)).toBeNull();
    expect(typesOf(read).at(-1)).toBe('Exit');
    // Where it was thrown is nothing for a terminal, and all that there is to find the fault by.
    expect(readFileSync(at('j'), 'utf8')).toMatch(
      /"type":"SupervisorFailed","error":"Error: planted","stack":".*fault\.mjs/,
    );
    expect(group.stderr()).not.toContain('fault.mjs');
  });
});

describe('without --journal', () => {
  it('a group that fails leaves its last entries where the last line says, for its owner alone', async () => {
    const group = await program({ options: ['--journal-on-failure', directory] });
    await group.line(/ranks are ready/);
    await ask(`${group.rankUrl(1)}/exit/17`).catch(() => undefined);
    expect(await group.ended).toBe(4);
    const [, path = ''] = /status 4: .*; the journal is (\S+)$/.exec(group.verdict()) ?? [];
    const read = checkedFile(path);
    const start = read.header.startedAt.replace(/[-:]|\.\d+/g, '');
    expect(path).toBe(at(`dp-supervisor-${group.pid}-${start}.ndjson`));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(divergenceOf(read)).toBeNull();
    expect(typesOf(read).at(-1)).toBe('Exit');
  });

  it('the temporary directory is where it is left when nothing else is said', async () => {
    const group = await program({ command: ['false'], env: { TMPDIR: directory } });
    expect(await group.ended).toBe(3);
    expect(group.verdict()).toContain(`; the journal is ${directory}/dp-supervisor-${group.pid}-`);
  });

  it('a group that was stopped leaves nothing', async () => {
    const group = await program({ options: ['--journal-on-failure', directory] });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGTERM');
    expect(await group.ended).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('something that had to be killed makes it a failure too', async () => {
    const options = ['--journal-on-failure', directory, '--exit-grace', '0'];
    const group = await program({ options });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGQUIT');
    expect(await group.ended).toBe(6);
    expect(group.verdict()).toContain(`; the journal is ${directory}/`);
  });

  it('`none` switches that off', async () => {
    const group = await program({
      options: ['--journal-on-failure', 'none'],
      command: ['false'],
      env: { TMPDIR: directory },
    });
    expect(await group.ended).toBe(3);
    expect(group.verdict()).toMatch(/before the group was ready$/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('a directory that cannot be written is said in one line and changes nothing', async () => {
    const group = await program({ options: ['--journal-on-failure', at('missing')], command: ['false'] });
    expect(await group.ended).toBe(3);
    expect(group.stderr().match(/cannot leave the journal in .*missing: ENOENT/g)).toHaveLength(1);
    expect(group.verdict()).toMatch(/before the group was ready$/);
  });

  it('no link that somebody has put there is followed', async () => {
    writeFileSync(at('precious'), 'precious');
    const group = await program({ options: ['--journal-on-failure', directory] });
    await group.line(/ranks are ready/);
    const { header } = checked((await ask(`${group.url}/journal`)).body);
    const name = `dp-supervisor-${group.pid}-${header.startedAt.replace(/[-:]|\.\d+/g, '')}`;
    symlinkSync(at('precious'), at(`${name}.ndjson`));
    process.kill(group.pid, 'SIGUSR2');
    expect((await group.line(/the journal so far is (\S+)$/))[1]).toBe(at(`${name}-2.ndjson`));
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
  });

  it('an uncaught fault of our own leaves it as well, and says where', async () => {
    writeFileSync(
      at('fault.mjs'),
      `process.argv[1].endsWith('main.js') && process.once('SIGCONT', () => { throw new Error('planted') });`,
    );
    const options = ['--journal-on-failure', directory];
    const group = await program({ options, env: { NODE_OPTIONS: `--import=${at('fault.mjs')}` } });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGCONT');
    const [, path = ''] = await group.line(/a fault of its own: Error: planted; the journal is (\S+)$/);
    expect(await group.ended).toBe(1);
    expect(divergenceOf(checkedFile(path))).toBeNull();
  });
});

describe('while a group runs', () => {
  it('/journal serves header and entries as NDJSON', async () => {
    const group = await program({});
    await group.line(/ranks are ready/);
    const { headers, body } = await ask(`${group.url}/journal`);
    expect(headers['content-type']).toBe('application/x-ndjson');
    const read = checked(body);
    expect(read.header.ranks.map(({ argv }) => argv)).toEqual([RANK, RANK]);
    expect(divergenceOf(read)).toBeNull();
  });

  it('SIGUSR2 writes it to a file and says where, each time', async () => {
    const group = await program({ options: ['--journal-on-failure', directory, '--log-format', 'json'] });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGUSR2');
    const [, first = ''] = await group.line(/the journal so far is (\S+[^-][^2]\.ndjson)"/);
    process.kill(group.pid, 'SIGUSR2');
    const [, second = ''] = await group.line(/the journal so far is (\S+-2\.ndjson)"/);
    expect(checkedFile(second).entries.length).toBeGreaterThanOrEqual(checkedFile(first).entries.length);
    process.kill(group.pid, 'SIGTERM');
    expect(await group.ended).toBe(0);
  });

  it.each([
    ['before there is a journal', `process.on('newListener', (name) => name === 'SIGHUP' && request())`],
    ['when the process leaves', `process.once('exit', request)`],
  ])('SIGUSR2 ends nobody %s', async (_when, plant) => {
    writeFileSync(
      at('plant.mjs'),
      `const request = () => process.kill(process.pid, 'SIGUSR2'); process.argv[1].endsWith('main.js') && ${plant};`,
    );
    const group = await program({ command: ['false'], env: { NODE_OPTIONS: `--import=${at('plant.mjs')}` } });
    expect(await group.ended).toBe(3);
  });

  it('SIGUSR2 with `none` says that nothing is written, and ends nobody', async () => {
    const group = await program({ options: ['--journal-on-failure', 'none'] });
    await group.line(/ranks are ready/);
    process.kill(group.pid, 'SIGUSR2');
    await group.line(/--journal-on-failure is none/);
    process.kill(group.pid, 'SIGTERM');
    expect(await group.ended).toBe(0);
  });
});
