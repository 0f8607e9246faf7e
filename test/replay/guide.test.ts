import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = readFileSync(`${root}docs/guides/incident-to-test.md`, 'utf8');
const shown = [...guide.matchAll(/^```console\n\$ dp-supervisor (.*)\n([^]*?)^```$/gm)].map(
  ([, words = '', output = '']) => [words, output] as const,
);

describe('the guide from incident to test', () => {
  it('shows what the program does', () => {
    expect(shown.length).toBeGreaterThan(3);
  });

  it.each(shown)('%s', (words, output) => {
    const { status, stdout } = spawnSync(process.execPath, ['dist/cli/main.js', ...words.split(' ')], {
      cwd: root,
      encoding: 'utf8',
      timeout: 15_000,
    });
    expect(stdout).toBe(output);
    expect(status).toBe(0);
  });

  it('shows the scenario that is shipped', () => {
    expect(guide).toContain(readFileSync(`${root}marbles/recorded/stalled-rank.marble`, 'utf8'));
  });
});
