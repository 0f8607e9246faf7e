import { expect, test } from 'vitest';
import type { Settings } from '../../src/config/options.ts';
import { planOf } from './settings-under-test.ts';

const healthUrl = (said: Partial<Settings>) => planOf(said, ['serve']).ranks[0]?.healthUrl;

test.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '[::1]'],
  ['::1', '[::1]'],
  ['2001:db8::7', '[2001:db8::7]'],
  ['10.0.0.7', '10.0.0.7'],
  ['localhost', 'localhost'],
])('ranks of host %s are probed at %s', (host, probed) => {
  expect(healthUrl({ host })).toBe(`http://${probed}:8000/health`);
  expect(new URL(healthUrl({ host }) ?? '').host).toBe(`${probed}:8000`);
});

test('the supervisor itself listens on the host as it was given, wildcards included', () => {
  expect(planOf({ host: '::' }, ['serve']).supervisor).toEqual({ host: '::', port: 9_256 });
});

test('with a key and a certificate, ranks are probed over https', () => {
  expect(healthUrl({ sslKeyfile: 'key.pem', sslCertfile: 'cert.pem' })).toBe('https://127.0.0.1:8000/health');
});

test('the path is the one that was given, with its query', () => {
  expect(healthUrl({ healthPath: '/v1/health?deep=1' })).toBe('http://127.0.0.1:8000/v1/health?deep=1');
});
