import { expect, test } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { variableOf } from '../../src/config/option.ts';
import { GROUP_OPTIONS, RUN_OPTIONS } from '../../src/config/options.ts';

const inherited = (environment: NodeJS.ProcessEnv) => readEnvironment(environment, RUN_OPTIONS);

test('a variable is called after its option: DPS_, capitals, underscores', () => {
  expect(inherited({ DPS_PORT: '9000', DPS_SHUTDOWN_TIMEOUT: '2.5', DPS_DP_SUPERVISOR_PROBE_INTERVAL_S: '1' })).toEqual(
    {
      values: { port: 9_000, shutdownTimeout: 2.5, dpSupervisorProbeIntervalS: 1 },
      warnings: [],
    },
  );
});

test('every option of a group has a variable of its own', () => {
  const variables = Object.values(GROUP_OPTIONS).map(variableOf);
  expect(new Set(variables).size).toBe(variables.length);
  for (const variable of variables) expect(variable).toMatch(/^DPS_[A-Z][A-Z_]*$/);
});

test('lists are told with commas, and DPS_ENV is one pair', () => {
  expect(inherited({ DPS_DEVICE_IDS: '4, 5', DPS_ENV: 'A=b=c' }).values).toEqual({
    deviceIds: ['4', '5'],
    env: { A: 'b=c' },
  });
});

test('a variable that is empty says nothing', () => {
  expect(inherited({ DPS_PORT: '', DPS_CONFIG: '' })).toEqual({ values: {}, warnings: [] });
});

test('variables of others say nothing: DP_SUPERVISOR_PORT, PORT, dps_port', () => {
  const link = 'tcp://10.0.0.1:9256';
  expect(inherited({ DP_SUPERVISOR_PORT: link, PORT: '1', dps_port: '1', DPS_SERVICE_HOST: 'x' })).toEqual({
    values: {},
    warnings: [],
  });
});

test.each(['tcp', 'udp', 'sctp'])('a %s link of Kubernetes is passed over with a warning', (protocol) => {
  const link = `${protocol}://10.0.0.1:80`;
  expect(inherited({ DPS_PORT: link, DPS_HOST: '::1' })).toEqual({
    values: { host: '::1' },
    warnings: [`DPS_PORT=${link} is a link that Kubernetes made for a Service; it is ignored`],
  });
});

test('what must be typed cannot be inherited', () => {
  expect(inherited({ DPS_HELP: 'true', DPS_VERSION: 'nonsense' })).toEqual({ values: {}, warnings: [] });
});

test.each([
  [{ DPS_PORT: 'http://x' }, 'DPS_PORT: expected a whole number from 1 to 65535, got "http://x"'],
  [{ DPS_PORT: ' 8000' }, 'DPS_PORT: expected a whole number from 1 to 65535, got " 8000"'],
  [{ DPS_EXIT_GRACE: '5s' }, 'DPS_EXIT_GRACE: expected seconds from 0 to 1000000, got "5s"'],
  [{ DPS_ENV: 'A' }, 'DPS_ENV: expected NAME=VALUE, got "A"'],
])('a value that is wrong is told by the name of the variable: %j', (environment, message) => {
  expect(() => inherited(environment)).toThrow(expect.objectContaining({ code: 'DPS_USAGE', message }));
});
