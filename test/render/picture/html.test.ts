import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../src/render/picture/html.ts';
import { longStory, SCENARIOS, storyOfScenario } from './stories.ts';
import { firstFault } from './well-formed.ts';

// The pages are written anew by: npx vitest run test/render/picture -u
describe('a page of a story', () => {
  it('of three-timeouts is the one that was looked at', async () => {
    const { story, title } = storyOfScenario('three-timeouts');
    await expect(renderHtml(story, { title })).toMatchFileSnapshot('golden/three-timeouts.html');
  });

  it.each(SCENARIOS)('of %s is well-formed and needs nothing else', (name) => {
    const { story, title } = storyOfScenario(name);
    const page = renderHtml(story, { title });
    expect(firstFault(page)).toBeNull();
    expect(page.replaceAll(/ xmlns="[^"]*"/g, '')).not.toMatch(/https?:|src=|href=|url\(|@import|<script|<link/);
    expect(renderHtml(story, { title })).toBe(page);
  });

  it('says why it ended and what its exit status means', () => {
    const { story, title } = storyOfScenario('does-not-drain');
    const page = renderHtml(story, { title });
    expect(page).toContain('<dt>cause</dt><dd>SIGTERM was received</dd>');
    expect(page).toContain('<dd>6: It was asked to stop, and something had to be killed.</dd>');
  });

  it('has the events in words, those of several ranks in one line, and the cause marked once', () => {
    const { story, title } = storyOfScenario('twelve-ranks');
    expect(rowsOf(renderHtml(story, { title }))).toEqual([
      '0 s | ranks 0-11 | started | ',
      '0.1 s | rank 11 | a probe was not answered: refused | ',
      '0.3 s | group | ready | ',
      '0.5 s | group | the supervisor was told: SIGTERM | ',
      '0.5 s | group | SIGTERM was received | cause',
      '0.5 s | group | not ready any more | ',
      '0.5 s | group | grace begins; its deadline is 1 s | ',
      '0.5 s | ranks 0-11 | SIGTERM sent | consequence',
      '0.7 s to 0.8 s | ranks 0-11 | nothing is left | consequence',
      '0.8 s | group | exit status 0: SIGTERM was received | ',
    ]);
  });

  it('shows the end by itself where it is a small part of the whole, unless a time was asked for', () => {
    const story = longStory(2, 3_600_000);
    expect(renderHtml(story, { title: 'an hour' })).toContain('id="close-up-title"');
    expect(renderHtml(story, { title: 'an hour', from: 1_000_000 })).not.toContain('close-up');
    expect(renderHtml(storyOfScenario('three-timeouts').story, { title: 'short' })).not.toContain('close-up');
  });

  it('cuts its table as it cuts its picture', () => {
    const { story, title } = storyOfScenario('twelve-ranks');
    expect(rowsOf(renderHtml(story, { title, from: 650, to: 750, ranks: [3, 11] }))).toEqual([
      '0.7 s | rank 3 | nothing is left | consequence',
    ]);
  });
});

function rowsOf(page: string): string[] {
  const [, body = ''] = page.split('<tbody>');
  return [...body.matchAll(/<tr[^>]*>(.*?)<\/tr>/g)].map(([, cells = '']) =>
    [...cells.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell).join(' | '),
  );
}
