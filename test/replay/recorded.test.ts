import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/replay-recording.ts';
import { beforeGap, readJournal } from '../../src/journal/read.ts';
import { checkedFile } from '../journal/schema-check.ts';
import { replay } from '../../streams/replay.ts';
import { parseScenario } from '../../streams/scenario.ts';
import { storyOf } from '../../streams/story.ts';
import { folder as saved, replay as replayed } from './replay-program.ts';

const folder = fileURLToPath(new URL('../../marbles/recorded/', import.meta.url));
const journals = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));

describe('every journal under marbles/recorded/', () => {
  it('is there', () => {
    expect(journals).not.toEqual([]);
  });

  it.each(journals)('%s is what the schema says', (file) => {
    expect(checkedFile(folder + file).entries.length).toBeGreaterThan(0);
  });

  it.each(journals)('%s brings the recorded commands again', (file) => {
    const journal = readJournal(folder + file);
    const { divergence, commands } = replay(beforeGap(journal.lines()), journal.header.policy);
    expect(divergence).toBeNull();
    expect(commands).toBeGreaterThan(0);
  });

  it('one of them was written before there was a second signal, and has none', () => {
    const policies = journals.map((file) => readJournal(folder + file).header.policy);
    expect(policies.map(({ secondSignalAfterMs }) => secondSignalAfterMs)).toContain(Infinity);
  });

  it.each(journals)('%s is saved as the very scenario that is shipped beside it', (file) => {
    const shipped = file.replace(/ndjson$/, 'marble');
    expect(replayed(folder + file, '--save', shipped).status).toBe(0);
    expect(readFileSync(join(saved, shipped), 'utf8')).toBe(readFileSync(folder + shipped, 'utf8'));
  });

  it.each(journals)('%s ends as the scenario that was saved of it', (file) => {
    const { story } = openRecording(folder + file);
    const scenario = parseScenario(readFileSync(folder + file.replace(/ndjson$/, 'marble'), 'utf8'));
    const saved = storyOf(scenario.facts, scenario.policy, true, scenario.end);
    expect(saved.exit?.value).toEqual(story.exit?.value);
    expect(Math.abs((saved.exit?.at ?? NaN) - (story.exit?.at ?? NaN))).toBeLessThan(5);
  });
});
