import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { firstValueFrom, lastValueFrom, Subject, toArray } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { DpsError, exitInOneLine, type Fact, type Group, type StopSignal, supervise } from '../../src/index.ts';
import type { GroupPlan, SuperviseOptions } from '../../src/index.ts';
import { ask, freePorts, hold } from '../loopback.ts';
import { type Mark, mark } from '../processes.ts';

const RANK = [process.execPath, new URL('../fixtures/rank.mjs', import.meta.url).pathname, '{port}'];

test('a group becomes ready, is stopped, and its streams tell of it and complete', async () => {
  const { group, facts, family } = await supervised({ command: RANK, dataParallelSize: 2 });
  const readiness = lastValueFrom(group.readiness$.pipe(toArray()));
  const phases: string[] = [];
  for await (const { phase, ready } of group.states()) {
    if (phase !== phases.at(-1)) phases.push(phase);
    if (ready) group.stop('that will do');
  }
  expect(phases).toEqual(['starting', 'ready', 'stopping', 'gone']);
  expect(await readiness).toEqual([false, true, false]);
  const exit = await group.exited;
  const cause = { kind: 'stop-requested', reason: 'that will do', afterReady: true };
  expect(exit).toEqual({ type: 'Exit', status: 0, cause, killed: [], left: [] });
  expect(exitInOneLine(exit)).toBe('exit status 0: a stop was requested: that will do');
  expect(await firstValueFrom(group.shutdown$)).toEqual(cause);
  expect(facts.filter(({ type }) => type === 'RankCleared')).toHaveLength(2);
  expect(family.living()).toEqual([]);
});

test('whoever loops over the readiness can leave the loop, and loop again', async () => {
  const { group } = await supervised({ command: RANK });
  const seen: boolean[] = [];
  for await (const ready of group.readiness()) {
    seen.push(ready);
    if (ready) break;
  }
  for await (const ready of group.readiness()) {
    seen.push(ready);
    group.stop();
  }
  expect(seen).toEqual([false, true, true, false]);
  expect(await group.exited).toMatchObject({ status: 0 });
});

test('whoever subscribes late is given the newest value', async () => {
  const { group } = await supervised({ command: ['sh', '-c', 'exit 17'] });
  expect(await group.exited).toMatchObject({ status: 3 });
  expect(await firstValueFrom(group.readiness$)).toBe(false);
  expect(await firstValueFrom(group.state$)).toMatchObject({ phase: 'gone', cause: { kind: 'exited', rank: 0 } });
});

test('whoever subscribes at once misses nothing', async () => {
  const family = mark();
  const group = supervise({ command: ['true'], listen: false, env: family.env });
  const commands = firstValueFrom(group.command$);
  const facts = firstValueFrom(group.fact$);
  expect(await commands).toEqual({ type: 'StartRank', rank: 0 });
  expect(await facts).toMatchObject({ type: 'RankStarted', rank: 0 });
  await group.exited;
});

test('a stop at once starts nothing', async () => {
  const family = mark();
  const group = supervise({ command: ['sleep', '60'], listen: false, env: family.env });
  const facts = lastValueFrom(group.fact$.pipe(toArray()));
  group.stop();
  expect(await group.exited).toMatchObject({ status: 0, killed: [] });
  expect((await facts).map(({ type }) => type)).toEqual(['StopRequested', 'RankStartFailed']);
  expect(family.living()).toEqual([]);
});

test('a signal is passed on from whatever the host makes it of', async () => {
  const signal$ = new Subject<StopSignal>();
  const { group, output } = await supervised({ command: RANK, signal$ });
  await untilReady(group);
  signal$.next('SIGHUP');
  expect(await group.exited).toMatchObject({ status: 0, cause: { kind: 'signal', signal: 'SIGHUP' } });
  expect(await output()).toContain('got SIGHUP');
  expect(signal$.observed).toBe(false);
});

test('the sinks get the lines of the ranks, and stay open', async () => {
  const command = ['sh', '-c', 'echo out of $DP_RANK; echo err of $DP_RANK >&2; exec sleep 60'];
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { group } = await supervised({ command, dataParallelSize: 2, output: { stdout, stderr } });
  const lines = async (sink: PassThrough, count: number) => {
    let all = '';
    for await (const chunk of sink.iterator({ destroyOnReturn: false })) {
      all += String(chunk);
      if (all.split('\n').length > count) break;
    }
    return all.trim().split('\n').sort();
  };
  expect(await lines(stdout, 2)).toEqual(['[rank 0] out of 0', '[rank 1] out of 1']);
  expect(await lines(stderr, 2)).toEqual(['[rank 0] err of 0', '[rank 1] err of 1']);
  group.stop();
  await group.exited;
  expect([stdout.writable, stderr.writable]).toEqual([true, true]);
});

test('the last lines of a rank are there to be asked for, also where its output goes nowhere', async () => {
  const command = ['sh', '-c', 'seq 100; echo oops >&2; exit 1'];
  const group = supervise({ command, listen: false, env: mark().env });
  expect(await group.exited).toMatchObject({ status: 3 });
  expect(group.lastLines(0)).toHaveLength(50);
  expect(group.lastLines(0)).toEqual(expect.arrayContaining(['100', 'oops']));
});

test('of a rank that was given up they are those before that, and not what it says of its end', async () => {
  const script = 'trap "echo got SIGTERM; exit" TERM; echo loading; while :; do sleep 0.05; done';
  const { group, output } = await supervised({ command: ['sh', '-c', script], startupTimeout: 0.5 });
  expect(await group.exited).toMatchObject({ status: 3, cause: { kind: 'startup-timeout' } });
  expect(group.lastLines(0)).toEqual(['loading']);
  expect(await output()).toContain('got SIGTERM');
});

test('log files and a termination log are written where they are asked for, and what fails of it is told', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'library-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const command = ['sh', '-c', 'echo oops; exit 1'];
  const ended = async (terminationLog: string) => {
    const group = supervise({ command, listen: false, env: mark().env, logDir: directory, terminationLog });
    const notices = lastValueFrom(group.notice$.pipe(toArray()));
    await group.exited;
    return notices;
  };
  const path = join(directory, 'last-words');
  const cannot = /^cannot write/;
  expect(await ended(path)).not.toContainEqual(expect.stringMatching(cannot));
  expect(readFileSync(path, 'utf8')).toMatch(/^exit status 3: rank 0 .*\nthe last lines of rank 0:\noops\n$/);
  expect(readFileSync(join(directory, 'rank-0.log'), 'utf8')).toBe('[rank 0] oops\n');
  expect((await ended(directory)).filter((notice) => cannot.test(notice))).toEqual([
    expect.stringMatching(/^cannot write the termination log: EISDIR/),
  ]);
});

test('a group that does not listen takes no port', async () => {
  const port = await freePorts();
  const { group } = await supervised({ command: ['sleep', '60'], listen: false, dataParallelSupervisorPort: port });
  await untilStarted(group);
  expect(await group.listening).toBeNull();
  const held = await hold(port);
  expect(held).not.toBeNull();
  held?.close();
  group.stop();
  expect(await group.exited).toMatchObject({ status: 0 });
});

test('a port of 0 is any free one, and is told', async () => {
  const { group } = await supervised({ command: ['sleep', '60'], listen: true, dataParallelSupervisorPort: 0 });
  const port = await group.listening;
  expect(port).toBeGreaterThan(0);
  const { supervisor } = JSON.parse((await ask(`http://127.0.0.1:${port}/status`)).body) as GroupPlan;
  expect(supervisor).toEqual({ host: '127.0.0.1', port });
  group.stop();
  await group.exited;
});

test.each<[string, Partial<SuperviseOptions>, string]>([
  ['no command', { command: [] }, 'DPS_NO_COMMAND'],
  ['a number out of its bounds', { port: 70_000 }, 'DPS_USAGE'],
  ['a duration below zero', { exitGrace: -1 }, 'DPS_USAGE'],
  ['sizes that contradict each other', { dataParallelSize: 2, dataParallelSizeLocal: 4 }, 'DPS_USAGE'],
  ['an option that there is not', { dataParalelSize: 2 } as object, 'DPS_USAGE'],
  ['a key without a certificate', { sslKeyfile: 'key.pem' }, 'DPS_USAGE'],
  ['a key that is not there', { sslKeyfile: '/none.pem', sslCertfile: '/none.pem' }, 'DPS_TLS_FILE'],
  ['a log directory that cannot be', { logDir: '/proc/self' }, 'DPS_LOG_DIR'],
  ['a key that is none', { sslKeyfile: RANK[1] ?? '', sslCertfile: RANK[1] ?? '' }, 'DPS_TLS_FILE'],
])('wrong options are refused, and nothing is started: %s', async (_, options, code) => {
  const family = mark();
  const attempt = () => supervise({ command: ['sleep', '60'], listen: false, env: family.env, ...options });
  expect(attempt).toThrow(DpsError);
  expect(attempt).toThrow(expect.objectContaining({ code, status: 2 }));
  expect(family.living()).toEqual([]);
});

interface Supervised {
  readonly group: Group;
  readonly facts: readonly Fact[];
  readonly family: Mark;
  /** All that the ranks wrote, once they have left. */
  output(): Promise<string>;
}

async function supervised(options: SuperviseOptions): Promise<Supervised> {
  const family = mark();
  const sink = new PassThrough();
  const output = { stdout: sink, stderr: sink };
  const group = supervise({
    ...{ host: '127.0.0.1', port: await freePorts(), listen: false, startupProbeIntervalS: 0.05, output },
    ...options,
    env: family.env,
  });
  onTestFinished(() => group.stop());
  const facts: Fact[] = [];
  group.fact$.subscribe((fact) => facts.push(fact));
  const written = async () => {
    await group.exited;
    return text(sink.end());
  };
  return { group, facts, family, output: written };
}

async function untilReady(group: Group): Promise<void> {
  for await (const ready of group.readiness()) if (ready) return;
}

async function untilStarted(group: Group): Promise<void> {
  for await (const { ranks } of group.states()) if (ranks.every(({ life }) => life.is === 'running')) return;
}
