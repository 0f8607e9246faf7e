import { BehaviorSubject, NEVER, Subject } from 'rxjs';
import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command, Exit } from '../../streams/commands.ts';
import type { Cause } from '../../streams/shutdown.ts';
import type { GroupState } from '../../streams/supervision.ts';
import { narrate } from '../../src/cli/narrate.ts';
import type { Screen } from '../../src/cli/screen.ts';
import { GROUP_OPTIONS } from '../../src/config/options.ts';
import { withDefaults } from '../../src/config/settings.ts';
import { liveLine } from '../../src/render/live-line.ts';
import { planOf } from '../config/settings-under-test.ts';

const settings = withDefaults(GROUP_OPTIONS, { dataParallelSize: 3 });
const never = new Promise<never>(() => undefined);
const signal: Cause = { kind: 'signal', signal: 'SIGTERM', afterReady: false };

const loading = (...healthy: number[]): GroupState => ({
  phase: 'starting',
  ready: false,
  cause: null,
  ranks: [0, 1, 2].map((rank) => ({
    rank,
    life: { is: 'running', pid: 100 + rank },
    health: { verdict: healthy.includes(rank) ? 'healthy' : 'unknown', failures: 0, last: null },
  })),
});

/** The streams of a group, moved by hand, and what is said about it. */
function told(terminal?: WriteStream) {
  const stderr = new PassThrough();
  const live = terminal === undefined ? null : liveLine(terminal);
  const screen: Screen = {
    stdout: new PassThrough(),
    stderr: live === null ? stderr : live.above(terminal as WriteStream),
    live,
  };
  const group = {
    plan: planOf({ dataParallelSize: 3 }, ['server'], {}, ['mind the gap']),
    fact$: new Subject<never>(),
    command$: new Subject<Command>(),
    journal$: new Subject<never>(),
    readiness$: new BehaviorSubject(false),
    shutdown$: new Subject<Cause>(),
    state$: new BehaviorSubject(loading()),
    notice$: NEVER,
    lastLines: () => [],
    listening: Promise.resolve(9_256),
    exited: never as Promise<Exit>,
    stop: () => undefined,
    readiness: () => (async function* () {})(),
    states: () => (async function* () {})(),
  };
  narrate(group, settings, screen);
  const text = () => ((terminal ?? stderr) as PassThrough).read()?.toString() ?? '';
  return { group, text };
}

function terminalOf(columns: number): WriteStream {
  return Object.assign(new PassThrough(), { columns }) as unknown as WriteStream;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('while a group starts', () => {
  it('one line every 10 s says how many ranks are ready and which are not', async () => {
    const { group, text } = told();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(text().split('\n')).toEqual([
      'dp-supervisor: warning: mind the gap',
      'dp-supervisor: listening on 0.0.0.0 port 9256; 3 ranks on ports 8000-8002',
      '',
    ]);
    group.state$.next(loading(1));
    expect(text()).toBe('');
    await vi.advanceTimersByTimeAsync(1);
    expect(text()).toBe('dp-supervisor: 1 of 3 ranks are ready; waiting for ranks 0, 2\n');
    group.state$.next(loading(1, 2));
    expect(text()).toBe('');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(text()).toBe('dp-supervisor: 2 of 3 ranks are ready; waiting for rank 0\n');
  });

  it('the lines end when the group is ready', async () => {
    const { group, text } = told();
    await vi.advanceTimersByTimeAsync(2_500);
    text();
    group.readiness$.next(true);
    expect(text()).toBe('dp-supervisor: all 3 ranks are ready after 2.5 s\n');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(text()).toBe('');
  });

  it('the lines end when it is stopped', async () => {
    const { group, text } = told();
    await vi.advanceTimersByTimeAsync(1);
    text();
    group.shutdown$.next(signal);
    expect(text()).toBe('dp-supervisor: stopping: SIGTERM was received\n');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(text()).toBe('');
  });
});

describe('on a terminal', () => {
  it('a live line changes in place instead, as wide as the terminal at most, and goes when the group is ready', async () => {
    const { group, text } = told(terminalOf(50));
    await vi.advanceTimersByTimeAsync(2_000);
    const shown = text().split('\r\u001b[K').at(-1) ?? '';
    expect(shown).toBe('dp-supervisor: 0 of 3 ranks are ready; waiting fo');
    group.state$.next(loading(0, 1));
    expect(text()).toBe('\r\u001b[Kdp-supervisor: 2 of 3 ranks are ready; waiting fo');
    group.readiness$.next(true);
    expect(text()).toBe('\r\u001b[Kdp-supervisor: all 3 ranks are ready after 2 s\n');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(text()).toBe('');
  });

  it('what is printed meanwhile stands above the live line', () => {
    const terminal = terminalOf(80);
    const live = liveLine(terminal);
    const above = live.above(terminal);
    live.show('two of three');
    above.write('[rank 0] hello\n');
    const text = (terminal as unknown as PassThrough).read()?.toString();
    expect(text).toBe('\r\u001b[Ktwo of three\r\u001b[K[rank 0] hello\n\r\u001b[Ktwo of three');
  });
});
