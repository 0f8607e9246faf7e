import { spawnSync } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { freePorts } from '../loopback.ts';
import { portHolder } from '../port-holder.ts';
import { stateOf } from '../processes.ts';
import { rank, SLEEP, supervisor } from './supervisor.ts';

const ECHO = ['sh', '-c', 'echo started; exec sleep 60'];
const RECLAIM = ['--reclaim-ports'];
const HINT = 'end it, choose another --port, or give --reclaim-ports';

test('a rank port that somebody else has is told with the holder, and nothing is started: 2', async () => {
  const port = await freePorts();
  const { pid } = await portHolder('127.0.0.1', port + 2);
  const { ended, stderr, stdout } = await supervisor({ port, command: ECHO });
  expect(await ended).toBe(2);
  expect(stderr()).toBe(`dp-supervisor: port ${port + 2} of rank 1 is held by pid ${pid} (perl): ${HINT}\n`);
  expect(stdout()).toBe('');
});

test('each rank port that is taken is told with its rank and its holder', async () => {
  const port = await freePorts();
  const one = await portHolder('::', port + 1);
  const other = await portHolder('0.0.0.0', port + 2, 'reuseport');
  const { ended, stderr } = await supervisor({ port, command: ECHO, options: ['-dp', '4', '-dpl', '2', '-dpr', '2'] });
  expect(await ended).toBe(2);
  const told = [
    `port ${port + 1} of rank 2 is held by pid ${one.pid} (perl)`,
    `port ${port + 2} of rank 3 is held by pid ${other.pid} (perl)`,
  ];
  expect(stderr()).toBe(`dp-supervisor: ${told.join('; ')}: ${HINT}\n`);
});

test("the supervisor's own port is told with the holder as well: 5", async () => {
  const port = await freePorts();
  const { pid } = await portHolder('::', port);
  await portHolder('127.0.0.1', port + 1); // what else there is does not change the verdict
  const { ended, verdict, stdout } = await supervisor({ port, command: ECHO });
  expect(await ended).toBe(5);
  expect(verdict()).toBe(
    `dp-supervisor: exit status 5: cannot listen on 127.0.0.1 port ${port}: pid ${pid} (perl) listens there`,
  );
  expect(stdout()).toBe('');
});

test('a port that no rank uses is nobody’s business', async () => {
  const port = await freePorts();
  await portHolder('127.0.0.1', port + 1);
  const { line, signal, ended } = await supervisor({ port, command: SLEEP, options: ['--env', 'PORT=none'] });
  await line(/listening on/);
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('--reclaim-ports ends the holders, says whom, and starts the group', async () => {
  const port = await freePorts();
  const one = await portHolder('127.0.0.1', port);
  const other = await portHolder('0.0.0.0', port + 2, 'forked');
  const { untilReady, line, signal, ended } = await supervisor({ port, command: rank('obedient'), options: RECLAIM });
  const [told = ''] = await line(/--reclaim-ports: ended .*/);
  for (const pid of [one.pid, other.pid, other.child]) expect(told).toContain(`pid ${pid} (perl)`);
  expect(told).toMatch(new RegExp(`, on port ${port}, ${port + 2}$`));
  expect(one.family.living()).toEqual([]);
  expect(other.family.living()).toEqual([]);
  await untilReady();
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('--reclaim-ports kills a holder that is deaf to SIGTERM', async () => {
  const port = await freePorts();
  const { pid, family } = await portHolder('127.0.0.1', port + 1, 'deaf');
  const { line, signal, ended } = await supervisor({ port, command: SLEEP, options: RECLAIM });
  await line(new RegExp(`--reclaim-ports: killed pid ${pid} \\(perl\\), on port ${port + 1}$`));
  await line(/listening on/);
  expect(family.living()).toEqual([]);
  signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('--reclaim-ports does not end who started this program: 2', async () => {
  const port = await freePorts();
  const hold = `use IO::Socket::IP;
    my $s = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => ${port + 1}, Listen => 1) or die;
    system @ARGV; print "left with ", $? >> 8, "\\n"`;
  const { line, pid, ended } = await supervisor({
    port,
    command: ECHO,
    options: RECLAIM,
    around: (words) => ['perl', '-e', hold, ...words],
  });
  await line(new RegExp(`--reclaim-ports: pid ${pid} \\(perl\\), on port ${port + 1}, is what started this program`));
  await line(/^left with 2$/);
  expect(await ended).toBe(0);
});

const namespace = ['unshare', '--pid', '--fork', '--mount-proc'];
const canNest = spawnSync(namespace[0] ?? '', [...namespace.slice(1), 'true']).status === 0;

test.runIf(canNest)('--reclaim-ports does not end the first process of all: 2', async () => {
  const port = await freePorts();
  const init = `use IO::Socket::IP;
    my $s = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => ${port + 1}, Listen => 1) or die;
    system 'setsid', '--wait', @ARGV; print "left with ", $? >> 8, "\\n"`;
  const { line } = await supervisor({
    port,
    command: ECHO,
    options: RECLAIM,
    around: (words) => [...namespace, 'perl', '-e', init, ...words],
  });
  await line(new RegExp(`--reclaim-ports: pid 1 \\(perl\\), on port ${port + 1}, is the first process of all`));
  await line(/^left with 2$/);
});

test.runIf(process.geteuid?.() === 0)('--reclaim-ports ends nobody whom it may not even see: 2', async () => {
  const port = await freePorts();
  const { pid } = await portHolder('127.0.0.1', port + 1);
  const { ended, stderr } = await supervisor({
    port,
    command: ECHO,
    options: RECLAIM,
    around: (words) => ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...words],
  });
  expect(await ended).toBe(2);
  // Whose open files one may not look at is not even seen.
  expect(stderr()).toBe(`dp-supervisor: --reclaim-ports: port ${port + 1} is held by a process that cannot be seen\n`);
  expect(stateOf(pid)).toBe('S');
});

test.runIf(process.geteuid?.() === 0)(
  'root does not end another user’s process either: 5 for its own port',
  async () => {
    const port = await freePorts();
    const { pid } = await portHolder('127.0.0.1', port, 'nobody');
    const { ended, stderr } = await supervisor({ port, command: ECHO, options: RECLAIM });
    expect(await ended).toBe(5);
    const why = 'belongs to another user and is not ended';
    expect(stderr()).toBe(`dp-supervisor: --reclaim-ports: pid ${pid} (perl), on port ${port}, ${why}\n`);
    await vi.waitFor(() => expect(stateOf(pid)).toBe('S'));
  },
);

test('without the tools that --reclaim-ports needs, it says so: 2', async () => {
  const port = await freePorts();
  const { pid } = await portHolder('127.0.0.1', port + 1);
  const { ended, stderr } = await supervisor({ port, command: ECHO, options: RECLAIM, env: { PATH: '/nowhere' } });
  expect(await ended).toBe(2);
  expect(stderr()).toMatch(
    new RegExp(`^dp-supervisor: --reclaim-ports: pid ${pid} \\(perl\\) could not be ended: .*\\bps\\b.*\n$`),
  );
});
