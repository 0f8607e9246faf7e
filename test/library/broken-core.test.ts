import { filter, lastValueFrom, map, merge, skip, toArray } from 'rxjs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { exitInOneLine, type Fact, supervise } from '../../src/index.ts';
import type * as core from '../../streams/supervision.ts';
import { checkedLines } from '../journal/schema-check.ts';
import { freePorts } from '../loopback.ts';
import { mark } from '../processes.ts';

// A core that throws within one of its own streams, at an answer some time after the group was ready.
vi.mock('../../streams/supervision.ts', async (original) => {
  const { supervision, ...rest } = await original<typeof core>();
  const broken: typeof supervision = (fact$, policy, scheduler) => {
    const course = supervision(fact$, policy, scheduler);
    const planted$ = fact$.pipe(
      filter(({ type }) => type === 'ProbeAnswered'),
      skip(4),
      map((): never => {
        throw new Error('planted');
      }),
    );
    return { ...course, command$: merge(course.command$, planted$) };
  };
  return { ...rest, supervision: broken };
});

const rank = (manner: string) => [
  process.execPath,
  new URL('../fixtures/rank.mjs', import.meta.url).pathname,
  '{port}',
  manner,
];

test.each([
  ['obedient', []],
  ['deaf', [0, 1]],
])('when the core itself breaks, the ranks are signalled and killed all the same: %s', async (manner, killed) => {
  const family = mark();
  const uncaught = process.listenerCount('uncaughtException');
  const group = supervise({
    ...{ command: rank(manner), dataParallelSize: 2, env: family.env, startupProbeIntervalS: 0.05 },
    ...{ dpSupervisorProbeIntervalS: 0.1, exitGrace: 1, listen: false, host: '127.0.0.1', port: await freePorts() },
  });
  onTestFinished(() => group.stop());
  const readiness = lastValueFrom(group.readiness$.pipe(toArray()));
  const journal = lastValueFrom(group.journal$.pipe(toArray()));
  const facts: Fact[] = [];
  group.fact$.subscribe((fact) => facts.push(fact));

  const exit = await group.exited;
  const cause = { kind: 'fault', error: 'Error: planted', afterReady: true };
  expect(exit).toEqual({ type: 'Exit', status: 1, cause, killed, left: [] });
  expect(exitInOneLine(exit)).toContain('exit status 1: dp-supervisor has a fault of its own: Error: planted');
  expect(family.living()).toEqual([]);
  expect(await readiness).toEqual([false, true, false]);
  expect(facts.at(-1)).toMatchObject({ type: 'SupervisorFailed', error: 'Error: planted' });
  checkedLines(await journal);
  expect((await journal).at(-1)).toMatchObject({ fact: { type: 'SupervisorFailed' } });
  expect(process.listenerCount('uncaughtException')).toBe(uncaught);
});
