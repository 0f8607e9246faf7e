import { EXIT_STATUS } from '../../../streams/exit-status.ts';
import type { Story } from '../../../streams/story.ts';
import { causeInWords } from '../words.ts';
import { closeUpOf } from './close-up.ts';
import { noteOf } from './description.ts';
import { type Frame, frameOf, type PictureOptions } from './frame.ts';
import { type ImportantEvent, importantEvents } from './important-events.ts';
import { element, escapeText } from './markup.ts';
import { drawPicture } from './svg.ts';
import { PAGE_STYLE, PICTURE_STYLE } from './theme.ts';
import { exactSpan, exactTime } from './time.ts';

/** A story as one page that needs nothing else: the picture, why it ended, and the events in words. */
export function renderHtml(story: Story, options: PictureOptions): string {
  const frame = frameOf(story, options);
  const closeUp = closeUpOf(story, options);
  const head = [
    element('meta', { charset: 'utf-8' }),
    // Nothing is fetched and no script runs, whatever a journal says.
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'",
    }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, escapeText(options.title)),
    element('style', {}, `\n${PAGE_STYLE}\n${PICTURE_STYLE}\n`),
  ];
  const body = [
    element('h1', {}, escapeText(options.title)),
    summary(frame),
    figure(frame, 'picture'),
    ...(closeUp === null ? [] : [element('h2', {}, 'How it ended'), figure(frameOf(story, closeUp), 'close-up')]),
    element('h2', {}, 'Events'),
    eventTable(importantEvents(frame)),
  ];
  return [
    '<!DOCTYPE html>',
    '<html lang="en" xmlns="http://www.w3.org/1999/xhtml">',
    element('head', {}, `\n${head.join('\n')}\n`),
    element('body', { class: 'page' }, `\n${body.join('\n')}\n`),
    '</html>',
    '',
  ].join('\n');
}

function figure(frame: Frame, id: string): string {
  const picture = drawPicture(frame, id, { heading: false, style: '' });
  return element('figure', {}, picture, element('figcaption', {}, noteOf(frame)));
}

function summary(frame: Frame): string {
  const { cause, exit } = frame.story;
  const rows: [string, string][] = [
    ['cause', cause === null ? 'none: still running when the record ends' : causeInWords(cause.value)],
    ...(cause === null ? [] : [['at', exactTime(cause.at)] satisfies [string, string]]),
    ['exit status', exit === null ? 'not reached when the record ends' : statusInWords(exit.value.status)],
  ];
  return element(
    'dl',
    {},
    ...rows.map(([name, value]) => element('dt', {}, name) + element('dd', {}, escapeText(value))),
  );
}

function statusInWords(status: number): string {
  const known = Object.values(EXIT_STATUS).find((candidate) => candidate.status === status);
  return known === undefined ? String(status) : `${status}: ${known.meaning}`;
}

function eventTable(events: readonly ImportantEvent[]): string {
  // How it began and how it ended are what is asked for; a page of a hundred thousand rows would not open.
  const left = events.length - FIRST - LAST;
  const rows =
    left > 0 ? [...events.slice(0, FIRST).map(row), leftOut(left), ...events.slice(-LAST).map(row)] : events.map(row);
  const headings = ['time', 'who', 'what', ''].map((name) => element('th', {}, name));
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...headings)),
    element('tbody', {}, `\n${rows.join('\n')}\n`),
  );
}

const [FIRST, LAST] = [150, 350];

function row({ from, to, who, what, role }: ImportantEvent): string {
  const cells = [exactSpan(from, to), who, what, role === 'normal' ? '' : role];
  const marked = role === 'normal' ? {} : { class: role };
  return element('tr', marked, ...cells.map((cell) => element('td', {}, escapeText(cell))));
}

function leftOut(count: number): string {
  return element(
    'tr',
    {},
    element('td', { colspan: 4 }, `${count} events are left out here: --from and --to show them`),
  );
}
