import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, storyOf } from '../../../streams/index.ts';
import { renderHtml } from '../../../src/render/picture/html.ts';
import { renderSvg } from '../../../src/render/picture/svg.ts';
import { longStory, SCENARIOS, storyOfScenario, unanswered } from './stories.ts';
import { firstFault } from './well-formed.ts';

// The pictures are written anew by: npx vitest run test/render/picture -u
describe('a picture of a story', () => {
  it.each(['three-timeouts', 'twelve-ranks', 'tree-outlives-its-leader', 'cannot-be-started'])(
    'of %s is the one that was looked at',
    async (name) => {
      const { story, title } = storyOfScenario(name);
      await expect(renderSvg(story, { title })).toMatchFileSnapshot(`golden/${name}.svg`);
    },
  );

  it('is the one in the reference', async () => {
    const { story, title } = storyOfScenario('does-not-drain');
    await expect(renderSvg(story, { title })).toMatchFileSnapshot('../../../docs/reference/does-not-drain.svg');
    const reference = readFileSync(new URL('../../../docs/reference/pictures.md', import.meta.url), 'utf8');
    expect(reference).toContain('](does-not-drain.svg)');
  });

  it.each(SCENARIOS)('of %s is well-formed XML and the same each time', (name) => {
    const { story, title } = storyOfScenario(name);
    const picture = renderSvg(story, { title });
    expect(firstFault(picture)).toBeNull();
    expect(renderSvg(story, { title })).toBe(picture);
  });

  it('says what it shows to who cannot see it', () => {
    const { story, title } = storyOfScenario('exit-after-ready');
    const picture = renderSvg(story, { title });
    expect(picture).toMatch(/<svg [^>]*role="img" aria-labelledby="picture-title picture-desc">/);
    expect(picture).toContain(`<title id="picture-title">${title}</title>`);
    expect(picture).toMatch(
      /<desc id="picture-desc">3 ranks, .*rank 1 exited with code 1 after the group was ready\.<\/desc>/,
    );
  });

  it('tells time and text of every mark to the pointer', () => {
    const { story, title } = storyOfScenario('three-timeouts');
    const picture = renderSvg(story, { title });
    for (const words of [
      'rank 0, 0.1 s: a probe was answered 200',
      'rank 0, 0.6 s: a probe was not answered: timeout',
      'rank 0, 1.6 s: a probe was not answered: timeout (cause)',
      'rank 0, 1.6 s: SIGTERM sent (consequence)',
      'rank 0: its leader runs from 0 s, until 1.8 s',
      'grace from 1.6 s until 1.8 s; its deadline is 2.1 s',
      'ready from 0.1 s until 1.6 s',
    ]) {
      expect(picture).toContain(`<title>${words}</title>`);
    }
  });

  it('is for light and for dark surroundings', () => {
    const { story, title } = storyOfScenario('becomes-ready');
    expect(renderSvg(story, { title })).toContain('@media (prefers-color-scheme:dark){.dps{');
  });

  it('says of a deadline that is far away when it is, and does not push the rest aside for it', () => {
    const { story, title } = storyOfScenario('does-not-drain');
    const picture = renderSvg(story, { title });
    expect(picture).toContain('kill wait until 6.7 s →');
    expect(picture).toContain('2 ranks, 0 s to 1.8 s');
  });

  it('shows no more than the ranks and the time that are asked for', () => {
    const story = longStory(8, 600_000);
    const picture = renderSvg(story, { title: 'cut', from: 100_000, to: 130_000, ranks: [2, 5] });
    expect([...picture.matchAll(/>(rank \d)<\/text>/g)].map(([, name]) => name)).toEqual(['rank 2', 'rank 5']);
    expect([...picture.matchAll(/class="healthy"/g)]).toHaveLength(2 * 6 + 3);
    expect(picture).toContain('ranks 2, 5 of 8, 1 min 40 s to 2 min 10 s, 12 probes');
    expect(picture).not.toContain('class="callout');
  });

  it('stays whole where nothing happened', () => {
    const { story, title } = storyOfScenario('becomes-ready');
    for (const cut of [{ from: 50_000 }, { from: 10, to: 5 }, { ranks: [] }, { ranks: [99] }]) {
      expect(firstFault(renderSvg(story, { title, ...cut }))).toBeNull();
    }
    expect(firstFault(renderSvg(storyOf([], { ...DEFAULT_POLICY, ranks: [0] }, false), { title }))).toBeNull();
  });

  it('of a day and 138,000 answers is small, and every failure is in it', () => {
    const story = longStory(8, 86_400_000);
    expect(story.ranks.flatMap(({ events }) => events).length).toBeGreaterThan(138_000);
    const picture = renderSvg(story, { title: 'a day' });
    expect(picture.length).toBeLessThan(100_000);
    expect(picture).toContain('2 events: a probe was not answered: timeout (2 times)<');
    expect(picture).toContain('a probe was not answered: timeout (cause)<');
    const page = renderHtml(story, { title: 'a day' });
    expect(page.length).toBeLessThan(200_000);
    expect(page).toContain('<h2>How it ended</h2>');
  });

  it('of 64 ranks that fail all the time stays under a megabyte', () => {
    const policy = { ...DEFAULT_POLICY, ranks: Array.from({ length: 64 }, (_, rank) => rank) };
    const facts = policy.ranks.map((rank) => ({ at: 0, value: { type: 'RankStarted' as const, rank, pid: 1 } }));
    const refusals = Array.from({ length: 1_000 }, (_, index) =>
      policy.ranks.map((rank) => ({ at: 250 * (index + 1), value: unanswered(rank, index % 2 ? 'refused' : 'reset') })),
    );
    const picture = renderSvg(storyOf([...facts, ...refusals.flat()], policy, false), { title: 'never up' });
    expect(picture.length).toBeLessThan(1_000_000);
    expect([
      ...picture.matchAll(/1000 events: a probe was not answered: reset \(500 times\), refused \(500 times\)/g),
    ]).toHaveLength(64);
  });
});

describe('a text from a journal', () => {
  const hostile = `</title></text><script>alert("1")</script>'&amp;\u0000\u001b[31m\u202e\ud800]]><!--`;
  const policy = { ...DEFAULT_POLICY, ranks: [0, 1, 2] };
  const story = storyOf(
    [
      { at: 0, value: { type: 'RankStarted', rank: 0, pid: 1 } },
      { at: 0, value: { type: 'RankStarted', rank: 1, pid: 2 } },
      { at: 1, value: unanswered(0, hostile) },
      { at: 2, value: { type: 'RankStartFailed', rank: 2, error: hostile } },
      { at: 3, value: { type: 'RankExited', rank: 0, code: null, signal: hostile } },
    ],
    policy,
    true,
  );

  it.each([
    ['picture', renderSvg],
    ['page', renderHtml],
  ])('is never markup in a %s', (_, render) => {
    const document = render(story, { title: hostile });
    expect(firstFault(document)).toBeNull();
    expect(document).not.toMatch(/<script|<!--|alert\("/);
    expect(document).toContain(
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;amp;\ufffd\ufffd[31m\ufffd\ufffd]]&gt;',
    );
  });
});
