#!/usr/bin/env node
import { releaseSignals } from './early-signals.ts';
import { debuglog } from 'node:util';
import { EXIT_STATUS } from '../../streams/exit-status.ts';
import { readCommandLine } from '../config/command-line.ts';
import { DpsError } from '../errors.ts';
import { oneLine } from '../render/one-line.ts';
import { readSources } from './sources.ts';
import { SUBCOMMANDS, SUPERVISE } from './topics.ts';

async function main(words: readonly string[]): Promise<number> {
  const subcommand = SUBCOMMANDS.get(words[0] ?? '');
  const topic = subcommand ?? SUPERVISE;
  if (!topic.takesSignals) releaseSignals();
  const typed = await readCommandLine(
    subcommand === undefined ? words : words.slice(1),
    topic.options,
    topic.optionsAnywhere,
  );
  if (typed.values['help']) return print((await import('./help.ts')).help(topic));
  if (typed.values['version']) return print(`${(await import('../version.ts')).VERSION}\n`);
  return topic.run(await readSources(typed, topic.options));
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT_STATUS.stopped.status;
}

// A reader that has gone away, as `| head` does, is no fault; a disk that is full is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`dp-supervisor: cannot write to standard output: ${error.message}\n`);
  process.exitCode = EXIT_STATUS.fault.status;
});
process.stderr.on('error', () => undefined);

// process.exit() would lose output that is still on its way; a status that is set loses none.
main(process.argv.slice(2)).then((status) => (process.exitCode = status), fail);

/** Told in one line, whatever it quotes; where a fault of the program was thrown, NODE_DEBUG=dp-supervisor shows. */
function fail(error: unknown): void {
  const told = error instanceof DpsError ? error.message : `a fault of its own: ${String(error)}`;
  process.stderr.write(`dp-supervisor: ${oneLine(told)}\n`);
  if (!(error instanceof DpsError)) debuglog('dp-supervisor')('%s', (error as Error).stack ?? error);
  process.exitCode = error instanceof DpsError ? error.status : EXIT_STATUS.fault.status;
}
