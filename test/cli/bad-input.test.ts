import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { program } from './program-under-test.ts';

const directory = mkdtempSync(join(tmpdir(), 'bad-input-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const missing = join(directory, 'missing');
const misspelt = file('misspelt.yaml', 'shutdown-timeot: 3\n');
const broken = file('broken.yaml', 'host: a\nport: 1: 2\n');
const list = file('list.json', '["port", 8000]');

interface Case {
  words: string[];
  environment?: Record<string, string>;
  /** The one line, without the name of the program. */
  told: string;
}

const none = 'expected a COMMAND to supervise, got none: dp-supervisor [options] -- COMMAND [ARG...]';
const url = '--url: expected a URL such as http://127.0.0.1:9256, got';

/** Before a COMMAND that would leave a mark. */
const BEFORE_COMMAND: Case[] = [
  { words: ['--prot', '1'], told: 'unknown option --prot; did you mean --port? (see --help)' },
  { words: ['-dpx', '2'], told: 'unknown option -dpx; did you mean -dp? (see --help)' },
  { words: ['-z'], told: 'unknown option -z (see --help)' },
  { words: ['--two\nlines'], told: 'unknown option --two lines (see --help)' },
  { words: ['--port='], told: '--port: expected a whole number from 1 to 65535, got ""' },
  { words: ['--port', 'x\ny'], told: '--port: expected a whole number from 1 to 65535, got "x\\ny"' },
  { words: ['--port', '0x1F40'], told: '--port: expected a whole number from 1 to 65535, got "0x1F40"' },
  { words: ['--port', '--'], told: '--port: expected a whole number from 1 to 65535, got none before --' },
  { words: ['-dp', '0'], told: '-dp: expected a whole number from 1 to 65535, got "0"' },
  { words: ['--host', '-dp', '2'], told: '--host: expected text, got none before -dp' },
  { words: ['--shutdown-timeout', '30s'], told: '--shutdown-timeout: expected seconds from 0 to 1000000, got "30s"' },
  { words: ['--exit-grace', '1e9'], told: '--exit-grace: expected seconds from 0 to 1000000, got "1e9"' },
  { words: ['--exit-grace', '-1'], told: '--exit-grace: expected seconds from 0 to 1000000, got "-1"' },
  { words: ['--log-format', 'xml'], told: '--log-format: expected one of prefix, json, raw, got "xml"' },
  { words: ['--env', 'A'], told: '--env: expected NAME=VALUE, got "A"' },
  { words: ['--device-ids', '0,,1'], told: '--device-ids: expected a list such as 0,1,2, got "0,,1"' },
  { words: ['--health-path', 'health'], told: '--health-path: expected a path from "/", got "health"' },
  {
    words: ['--host', 'http://a'],
    told: '--host: expected a host name or an IP address without brackets or zone, got "http://a"',
  },
  {
    words: ['-dp', '8', '-dpl', '3'],
    told: '--data-parallel-size 8 must be divisible by --data-parallel-size-local 3',
  },
  {
    words: ['-dp', '2', '--port', '9255'],
    told: '--data-parallel-supervisor-port 9256 overlaps with the rank ports 9255-9256: expected a port outside of them',
  },
  {
    words: ['-dp', '2', '--port=65535'],
    told: 'rank ports 65535-65536 would exceed 65535: expected --port of at most 65534',
  },
  {
    words: ['--ssl-keyfile', missing],
    told: '--ssl-keyfile and --ssl-certfile must be given together, got only --ssl-keyfile',
  },
  {
    words: ['--ssl-keyfile', missing, '--ssl-certfile', missing],
    told: `--ssl-keyfile: ENOENT: no such file or directory, open '${missing}'`,
  },
  { words: ['--config', missing], told: `--config: ENOENT: no such file or directory, open '${missing}'` },
  { words: ['--config', directory], told: `--config: EISDIR: illegal operation on a directory, read '${directory}'` },
  {
    words: ['--log-dir', '/proc/x'],
    told: "--log-dir: ENOENT: no such file or directory, mkdir '/proc/x'",
  },
  {
    words: ['--config', misspelt],
    told: `${misspelt}: unknown option "shutdown-timeot"; did you mean shutdown-timeout?`,
  },
  {
    words: ['--config', broken],
    told: `${broken}: Nested mappings are not allowed in compact mappings at line 2, column 7`,
  },
  {
    words: [],
    environment: { DPS_CONFIG: missing },
    told: `DPS_CONFIG: ENOENT: no such file or directory, open '${missing}'`,
  },
  {
    words: [],
    environment: { DPS_CONFIG: directory },
    told: `DPS_CONFIG: EISDIR: illegal operation on a directory, read '${directory}'`,
  },
  {
    words: ['--ssl-keyfile', directory, '--ssl-certfile', list],
    told: `--ssl-keyfile: EISDIR: illegal operation on a directory, read '${directory}'`,
  },
  {
    words: [],
    environment: { DPS_CONFIG: list },
    told: `${list}: expected a mapping of options, got [ 'port', 8000 ]`,
  },
  {
    words: [],
    environment: { DPS_PORT: '80a' },
    told: 'DPS_PORT: expected a whole number from 1 to 65535, got "80a"',
  },
];

/** As they stand. */
const WHOLE: Case[] = [
  { words: [], told: none },
  { words: ['-dp', '2', '--'], told: none },
  { words: ['plan'], told: none },
  { words: ['', 'serve'], told: none.replace('none', '""') },
  { words: ['plan', '--url', 'x', 'serve'], told: 'unknown option --url (see --help)' },
  { words: ['repaly', 'j.ndjson'], told: 'there is no program "repaly"; did you mean replay?' },
  { words: ['-dp', '2', '--', 'stauts'], told: 'there is no program "stauts"; did you mean status?' },
  { words: ['status', 'now'], told: 'unexpected argument "now"; see --help' },
  {
    words: ['status', '--port', '1'],
    told: 'unknown option --port; did you mean --data-parallel-supervisor-port? (see --help)',
  },
  { words: ['status', '--url', 'localhost:9256'], told: `${url} "localhost:9256"` },
  { words: ['status', '--url', 'ftp://localhost'], told: `${url} "ftp://localhost"` },
  { words: ['demo', 'vllm', 'serve'], told: 'unexpected argument "vllm"; see --help' },
  {
    words: ['demo', '-dpl', '8'],
    told: '--data-parallel-size-local 8 cannot exceed --data-parallel-size 4',
  },
  { words: ['engine', '--port', '65536'], told: '--port: expected a whole number from 0 to 65535, got "65536"' },
  {
    words: ['engine', '--ssl-keyfile', missing],
    told: '--ssl-keyfile and --ssl-certfile must be given together, got only --ssl-keyfile',
  },
  {
    words: ['engine', '--ssl-certfile', missing],
    told: '--ssl-keyfile and --ssl-certfile must be given together, got only --ssl-certfile',
  },
  {
    words: ['engine', '--tokens-per-secnd', '1'],
    told: 'unknown option --tokens-per-secnd; did you mean --tokens-per-second? (see --help)',
  },
];

async function expectRefused(words: string[], { environment, told }: Case): Promise<void> {
  expect(await program(words, environment)).toEqual({ status: 2, stdout: '', stderr: `dp-supervisor: ${told}\n` });
}

/** As a user would have typed it, on one line. */
const titled = (cases: Case[]) =>
  cases.map((bad): [string, Case] => {
    const variables = Object.entries(bad.environment ?? {}).map(([name, value]) => `${name}=${value}`);
    return [[...variables, 'dp-supervisor', ...bad.words].join(' ').replaceAll(/\s+/g, ' '), bad];
  });

test.concurrent.each(titled(BEFORE_COMMAND))('`%s COMMAND`: status 2, one line, nothing is started', async (_, bad) => {
  const mark = join(directory, `mark-${BEFORE_COMMAND.indexOf(bad)}`);
  await expectRefused([...bad.words, 'touch', mark], bad);
  expect(existsSync(mark)).toBe(false);
});

test.concurrent.each(titled(WHOLE))('`%s`: status 2 and one line', async (_, bad) => {
  await expectRefused(bad.words, bad);
});

test.concurrent('a key that is none: status 2, one line, nothing is started', async () => {
  const mark = join(directory, 'mark-tls');
  const { status, stdout, stderr } = await program(['--ssl-keyfile', list, '--ssl-certfile', list, 'touch', mark]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^dp-supervisor: --ssl-keyfile, --ssl-certfile: .+\n$/);
  expect(existsSync(mark)).toBe(false);
});

test.concurrent('plan refuses just what supervising does', async () => {
  const [bad] = BEFORE_COMMAND.filter(({ words }) => words.includes('--port=65535'));
  if (bad === undefined) throw new Error('there is such a case');
  await expectRefused(['plan', ...bad.words, 'serve'], bad);
});

test.concurrent('good input, for comparison, starts COMMAND, which leaves its mark', async () => {
  const mark = join(directory, 'mark');
  const { status, stderr } = await program(['--data-parallel-supervisor-port', '0', 'touch', mark]);
  expect(stderr).not.toContain('expected');
  expect(status).toBe(3);
  expect(existsSync(mark)).toBe(true);
});

test.concurrent('a program that is called nearly like a subcommand is supervised like any other', async () => {
  const mark = join(directory, 'mark-of-repaly');
  const folder = join(directory, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'repaly'), `#!/bin/sh\nexec touch ${mark}\n`, { mode: 0o755 });
  const options = ['--data-parallel-supervisor-port', '0', '--port', '18100'];
  const path = `${folder}:${process.env['PATH']}`;
  expect((await program([...options, 'repaly'], { PATH: path })).status).toBe(3);
  expect(existsSync(mark)).toBe(true);
  rmSync(mark);
  expect((await program([...options, '--env', `PATH=${path}`, 'repaly'])).status).toBe(3);
  expect(existsSync(mark)).toBe(true);
});
