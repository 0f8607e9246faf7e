import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { children, type Children } from '../../src/drivers/children.ts';
import { rankOutput } from '../../src/drivers/output.ts';
import { readProcessTable } from '../../src/drivers/process-table.ts';
import type { Fact, FactType } from '../../streams/facts.ts';
import { end, type Mark, mark, stateOf, untilGone } from '../processes.ts';

test('a rank leads a group and a session of its own, and its pid is told', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sleep', '60');
  const { pid } = await ranks.fact('RankStarted');
  expect(readProcessTable()).toContainEqual(
    expect.objectContaining({ pid, parent: process.pid, group: pid, session: pid, zombie: false }),
  );
});

test('leaving with a code is told, and that nobody of the tree is left', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sh', '-c', 'exit 17');
  await ranks.fact('RankCleared');
  expect(ranks.facts.slice(1)).toEqual([
    { type: 'RankExited', rank: 3, code: 17, signal: null },
    { type: 'RankCleared', rank: 3 },
  ]);
});

test('being ended by a signal is told by the name of the signal', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sleep', '60');
  end((await ranks.fact('RankStarted')).pid);
  expect(await ranks.fact('RankExited')).toEqual({ type: 'RankExited', rank: 3, code: null, signal: 'SIGKILL' });
});

test('what cannot be started is told with the reason, and only that', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'children-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const text = join(directory, 'text');
  writeFileSync(text, 'no program');
  chmodSync(text, 0o644);

  const cases = [
    [['no-such-program-here'], 'there is no program "no-such-program-here"'],
    [[text], `"${text}" may not be executed`],
    [['sleep', '60\0'], expect.stringContaining('null bytes')],
    [['true', 'x'.repeat(3_000_000)], expect.stringContaining('E2BIG')],
  ] as const;
  for (const [argv, error] of cases) {
    const ranks = ranksUnderTest();
    ranks.start(...argv);
    expect(ranks.facts).toEqual([]);
    expect(await ranks.fact('RankStartFailed')).toEqual({ type: 'RankStartFailed', rank: 3, error });
    await ranks.flushed(5_000);
    expect(ranks.facts).toHaveLength(1);
  }
});

test('nothing is told from within start', async () => {
  const ranks = ranksUnderTest();
  ranks.start('true');
  expect(ranks.facts).toEqual([]);
  await ranks.fact('RankCleared');
  expect(ranks.facts.map(({ type }) => type)).toEqual(['RankStarted', 'RankExited', 'RankCleared']);
});

test('a rank is cleared when its whole group has left, not when its leader has', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!');
  await ranks.fact('RankExited');
  const worker = Number(await ranks.written(/(\d+)/));
  expect(stateOf(worker)).not.toBeNull();
  expect(ranks.facts.map(({ type }) => type)).not.toContain('RankCleared');
  end(worker);
  await ranks.fact('RankCleared');
});

test('what the leader left behind is told to stop, and then killed', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sh', '-c', `sh -c 'trap "echo worker told" TERM; echo ready; while :; do sleep 0.02; done' & read x`);
  await ranks.fact('RankExited');
  await ranks.written(/(ready)/);
  ranks.signal(3, 'SIGTERM');
  await ranks.written(/(worker told)/);
  expect(ranks.facts.map(({ type }) => type)).not.toContain('RankCleared');
  ranks.kill(3);
  await ranks.fact('RankCleared');
  expect(ranks.family.living()).toEqual([]);
});

test('a leader that leaves at a signal without a word to its group leaves the signal to the group', async () => {
  const ranks = ranksUnderTest();
  ranks.start(
    'sh',
    '-c',
    `perl -e '$| = 1; $SIG{TERM} = sub { print "server told\n"; exit }; print "ready\n"; sleep 60'; :`,
  );
  await ranks.written(/(ready)/);
  ranks.signal(3, 'SIGTERM');
  expect(await ranks.fact('RankExited')).toMatchObject({ signal: 'SIGTERM' });
  await ranks.written(/(server told)/);
  await ranks.fact('RankCleared');
});

test('words reach the program as they are: there is no shell', async () => {
  const ranks = ranksUnderTest();
  const words = ['two words', '"quoted"', "it's", '$HOME', '*', '$(echo no)', '; exit 1', '', '\\', 'ü\n'];
  ranks.start(process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...words);
  expect(JSON.parse(await ranks.written(/^(\[.*\])$/m))).toEqual(words);
});

test('the environment of the plan is added to our own', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sh', '-c', 'echo "$DP_RANK of $HOME"');
  expect(await ranks.written(/^(.*)\n/)).toBe(`3 of ${process.env['HOME']}`);
});

test('standard input is /dev/null', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sh', '-c', 'cat; readlink /proc/self/fd/0');
  expect(await ranks.written(/^(.*)\n/)).toBe('/dev/null');
});

test('a daemon whose parents have left is of the rank: told to stop, waited for, and then killed', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sh', '-c', `(setsid sh -c '${DAEMON}' &)`);
  await ranks.fact('RankExited');
  await ranks.written(/(ready)/);
  ranks.signal(3, 'SIGTERM');
  await ranks.written(/(daemon told)/);
  expect(ranks.facts.map(({ type }) => type)).not.toContain('RankCleared');
  expect([...ranks.left()].map(([rank, { processes }]) => [rank, processes?.map(({ name }) => name)])).toEqual([
    [3, expect.arrayContaining(['sh'])],
  ]);
  ranks.kill(3);
  await ranks.fact('RankCleared');
  expect(ranks.family.living()).toEqual([]);
  expect(ranks.left().size).toBe(0);
});

test('somebody who is not of the rank and holds its pipe is waited for no longer than the limit', async () => {
  const ranks = ranksUnderTest();
  ranks.start('sh', '-c', 'setsid env -u DP_SUPERVISOR_MARK sleep 60 & sleep 0.2; echo $!; exit 7');
  expect(await ranks.fact('RankExited')).toMatchObject({ code: 7 });
  await ranks.fact('RankCleared');
  const holder = Number(await ranks.written(/(\d+)/));
  expect(ranks.pipes.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  await ranks.flushed(10);
  expect(stateOf(holder)).not.toBeNull();
  // An open pipe would keep the process from ever leaving.
  expect(ranks.pipes.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});

test('all that a rank wrote has been passed on once it is flushed', async () => {
  const ranks = ranksUnderTest();
  ranks.start('perl', '-e', 'print "x" x 99, "\\n" for 1 .. 20000; print "the end"');
  await ranks.fact('RankExited');
  await ranks.flushed(10_000);
  expect(ranks.output()).toHaveLength(2_000_007);
  expect(ranks.output()).toMatch(/the end$/);
});

test('a signal or a kill for a rank that is not there, or not any more, does nothing', async () => {
  const ranks = ranksUnderTest();
  ranks.signal(3, 'SIGTERM');
  ranks.kill(3);
  ranks.start('true');
  await ranks.fact('RankCleared');
  ranks.signal(3, 'SIGTERM');
  ranks.kill(3);
  expect(ranks.facts).toHaveLength(3);
  await untilGone((await ranks.fact('RankStarted')).pid);
});

const DAEMON = 'trap "echo daemon told" TERM; echo ready; while :; do sleep 0.02; done';

interface RanksUnderTest extends Omit<Children, 'start'> {
  readonly facts: readonly Fact[];
  readonly family: Mark;
  /** Our ends of those that it writes to. */
  readonly pipes: readonly Readable[];
  /** Starts rank 3. */
  start(...argv: readonly string[]): void;
  /** The first fact of a type, now or later. */
  fact<T extends FactType>(type: T): Promise<Extract<Fact, { type: T }>>;
  output(): string;
  /** The first group of the pattern in what it wrote, now or later. */
  written(pattern: RegExp): Promise<string>;
}

function ranksUnderTest(): RanksUnderTest {
  const family = mark();
  const facts: Fact[] = [];
  let output = '';
  // Slower than a pipe: what has been read has not been passed on by then.
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      setTimeout(() => {
        output += chunk.toString();
        done();
      }, 5);
    },
  });
  const passedOn = rankOutput('raw', { stdout: sink, stderr: sink });
  const pipes: Readable[] = [];
  const kids = children((fact) => facts.push(fact), {
    ...passedOn,
    connect(rank, name, pipe) {
      pipes.push(pipe);
      passedOn.connect(rank, name, pipe);
    },
  });
  const soon = <T>(look: () => T | undefined, what: unknown) =>
    vi.waitFor(
      () => {
        const found = look();
        if (found === undefined) throw new Error(`no ${String(what)} in ${JSON.stringify(facts)} and ${output}`);
        return found;
      },
      { timeout: 10_000, interval: 5 },
    );
  return {
    ...kids,
    facts,
    family,
    pipes,
    start: (...argv) =>
      kids.start({
        ...{ rank: 3, localRank: 0, port: 1, healthUrl: '', argv },
        env: { ...family.env, DP_RANK: '3' },
      }),
    fact: <T extends FactType>(type: T) =>
      soon(() => facts.find((fact): fact is Extract<Fact, { type: T }> => fact.type === type), type),
    output: () => output,
    written: (pattern) => soon(() => pattern.exec(output)?.[1], pattern),
  };
}
