import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check } from '../../streams/verdict.ts';
import { parseScenario } from '../../streams/scenario.ts';

const folder = new URL('../../marbles/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.marble'));

describe('every scenario under marbles/', () => {
  it('is there: a pattern that finds none would hold', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files)('%s', (file) => {
    const verdict = check(parseScenario(readFileSync(new URL(file, folder), 'utf8')));
    expect(verdict.holds, `\n${verdict.report}`).toBe(true);
  });
});
