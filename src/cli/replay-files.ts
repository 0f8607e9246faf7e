import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DpsError } from '../errors.ts';
import { causeInWords, inSeconds } from '../render/words.ts';
import type { View } from './replay.ts';
import type { Recording } from './replay-recording.ts';

/** Writes `--svg` and `--html`: the recorded course. */
export async function writePictures(
  { path, story }: Recording,
  { svg, html }: { readonly svg: string | undefined; readonly html: string | undefined },
  { from, to, ranks }: View,
): Promise<void> {
  const options = {
    title: basename(path),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(ranks === undefined ? {} : { ranks }),
  };
  if (svg !== undefined) {
    const { renderSvg } = await import('../render/picture/svg.ts');
    write('--svg', svg, renderSvg(story, options));
  }
  if (html !== undefined) {
    const { renderHtml } = await import('../render/picture/html.ts');
    write('--html', html, renderHtml(story, options));
  }
}

/** Writes `--save`: a scenario that holds. */
export async function writeScenario(recording: Recording, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const { saveScenario } = await import('../../streams/save-scenario.ts');
  const { path, facts, policy, until, story, remarks } = recording;
  const cut = story.cause !== null && story.exit === null;
  const text = saveScenario(facts, policy, until, {
    title: titleOf(recording),
    notes: [
      `Saved from ${basename(path)}.`,
      ...remarks,
      ...(cut ? [`It ends after ${inSeconds(until)}, before the group did; nothing more is heard of the ranks.`] : []),
    ],
  });
  if (text === null)
    throw new DpsError(
      'DPS_REPLAY_OUTPUT',
      `--save: ${path} cannot be told as a scenario: it has more ranks and answers than there are symbols`,
    );
  write('--save', file, text);
}

function titleOf({ story: { cause, exit } }: Recording): string {
  const why = cause === null ? 'nothing ended the group' : causeInWords(cause.value);
  const sentence = exit === null ? why : `${why}: status ${exit.value.status}`;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function write(option: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new DpsError('DPS_REPLAY_OUTPUT', `${option}: ${(error as Error).message}`);
  }
}
