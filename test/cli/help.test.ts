import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { spelling } from '../../src/cli/help.ts';
import { SUBCOMMANDS, SUPERVISE } from '../../src/cli/topics.ts';
import { PLACEHOLDERS } from '../../src/config/template.ts';
import { EXIT_STATUS } from '../../streams/exit-status.ts';
import { program } from './program-under-test.ts';

const topics = [{ name: '', topic: SUPERVISE }, ...[...SUBCOMMANDS].map(([name, topic]) => ({ name, topic }))];

test.concurrent.each(topics)('`dp-supervisor $name --help` shows how to call it and every option', async (entry) => {
  const { name, topic } = entry;
  const { status, stdout, stderr } = await program([...(name === '' ? [] : [name]), '--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: dp-supervisor .*\n\n/);
  expect(stdout).toContain(`Usage: ${topic.usage}\n\n${topic.summary}\n\n`);
  const rows = stdout.split('\n').map((row) => row.trim());
  for (const option of Object.values(topic.options)) {
    const told = rows.findIndex((row) => row === spelling(option) || row.startsWith(`${spelling(option)}  `));
    expect(told, spelling(option)).toBeGreaterThan(0);
    expect(`${rows[told]}\n${rows[told + 1]}`).toContain(option.help);
  }
});

test.concurrent(
  '`dp-supervisor --help` also shows the subcommands, the placeholders and the exit statuses',
  async () => {
    const { stdout } = await program(['-h']);
    for (const { usage, summary } of SUBCOMMANDS.values()) {
      expect(stdout).toContain(usage);
      expect(stdout).toContain(summary);
    }
    for (const name of PLACEHOLDERS) expect(stdout).toContain(`{${name}}`);
    for (const { status, meaning } of Object.values(EXIT_STATUS)) expect(stdout).toContain(`  ${status}  ${meaning}\n`);
  },
);

test.concurrent('help is given whatever the environment says and whatever follows it', async () => {
  const { status, stdout } = await program(['-dp', '2', '--help', 'false'], { DPS_PORT: 'nonsense' });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: /);
});

test.concurrent('--help of COMMAND is none of ours', async () => {
  const { status, stdout } = await program(['plan', 'serve', '--help']);
  expect(status).toBe(0);
  expect(stdout).toContain('  command   serve --help\n');
});

test.concurrent('--version is the version of the package, and nothing else', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await program(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  expect(await program(['status', '--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});
