import { expect, test } from 'vitest';
import { takenPorts } from '../../src/drivers/free-ports.ts';
import { holdersInWords, holdersOf } from '../../src/drivers/port-holders.ts';
import { freePorts } from '../loopback.ts';
import { portHolder, type Way } from '../port-holder.ts';

test('free ports are free, and stay so', async () => {
  const port = await freePorts();
  const ports = Array.from({ length: 8 }, (_, index) => port + index);
  expect(await takenPorts(ports, '127.0.0.1')).toEqual([]);
  expect(await takenPorts(ports, '127.0.0.1')).toEqual([]);
});

const BLOCKING: [string, string, Way[]][] = [
  ['127.0.0.1', '127.0.0.1', []],
  ['127.0.0.1', '0.0.0.0', []],
  ['0.0.0.0', '127.0.0.1', []],
  ['0.0.0.0', '0.0.0.0', ['reuseport']],
  ['::', '0.0.0.0', []],
  ['::', '127.0.0.1', []],
  ['0.0.0.0', '::', []],
  ['::1', '::', []],
  ['::ffff:127.0.0.1', '127.0.0.1', []],
  ['127.0.0.1', '127.0.0.1', ['connection']],
];

test.each(BLOCKING)('somebody on %s blocks %s, and is told by pid and name: %j', async (theirs, ours, ways) => {
  const port = await freePorts();
  const { pid } = await portHolder(theirs, port + 1, ...ways);
  expect(await takenPorts([port, port + 1, port + 2], ours)).toEqual([port + 1]);
  const holders = holdersOf([port + 1], ours).get(port + 1) ?? [];
  expect(holders).toEqual([{ pid, name: 'perl', uid: process.geteuid?.() }]);
  expect(holdersInWords(holders)).toBe(`pid ${pid} (perl)`);
});

const HARMLESS: [string, string, Way[]][] = [
  ['127.0.0.2', '127.0.0.1', []],
  ['::1', '0.0.0.0', []],
  ['::', '0.0.0.0', ['v6only']],
];

test.each(HARMLESS)('somebody on %s leaves %s alone: %j', async (theirs, ours, ways) => {
  const port = await freePorts();
  await portHolder(theirs, port, ...ways);
  expect(await takenPorts([port], ours)).toEqual([]);
});

test('the one of IPv6 only beside the one in the way is not blamed', async () => {
  const port = await freePorts();
  await portHolder('::', port, 'v6only');
  const { pid } = await portHolder('127.0.0.1', port);
  expect(holdersOf([port], '127.0.0.1').get(port)).toMatchObject([{ pid }]);
});

test('a socket that two processes share is told with both', async () => {
  const port = await freePorts();
  const { pid, child } = await portHolder('127.0.0.1', port, 'forked');
  const told = holdersOf([port], '127.0.0.1')
    .get(port)
    ?.map((holder) => holder.pid);
  expect(told?.sort()).toEqual([pid, child].sort());
});

test('nobody to be seen is told as that', async () => {
  const port = await freePorts();
  expect(holdersOf([port], '127.0.0.1').get(port)).toEqual([]);
  expect(holdersInWords([])).toBe('a process that cannot be seen');
});
