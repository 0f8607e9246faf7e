import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCommandLine } from '../../src/config/command-line.ts';
import { RUN_OPTIONS } from '../../src/config/options.ts';
import { PLACEHOLDERS } from '../../src/config/template.ts';
import { planOf } from './settings-under-test.ts';

/** Options as they may be typed before COMMAND, each with its value. */
const typedOption = fc.oneof(
  fc.integer({ min: 1, max: 65_535 }).map((port) => ['--port', String(port)]),
  fc
    .integer({ min: 1, max: 64 })
    .chain((size) => fc.constantFrom(['-dp', String(size)], [`-dp=${size}`], ['--data_parallel_size', String(size)])),
  fc.string().map((path) => [`--health-path=/${path}`]),
  fc.tuple(fc.stringMatching(/^[A-Z_]+$/), fc.string()).map(([name, value]) => ['--env', `${name}=${value}`]),
  fc.constant(['--version']),
);

/** Words as a shell may hand them over: anything, and above all what looks like options, JSON or placeholders. */
const commandWord = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '-', '--', '--port', '-dp', '--help', '--env=A', 'plan', '"', "'", '$HOME', '*', 'a b', '\n'),
  fc.json(),
  fc.constantFrom('{', '}', '{}', '{PORT}', '{ port }', '{{rank}', '{rank', '$&', "$'"),
);

const isProgram = (word: string) => !word.startsWith('-') || word === '-';

test('whatever is typed before it, the words of COMMAND come out byte for byte behind --', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(typedOption), fc.array(commandWord), async (options, words) => {
      const { command } = await readCommandLine([...options.flat(), '--', ...words], RUN_OPTIONS);
      expect(command).toEqual(words);
    }),
    { numRuns: 500 },
  );
});

test('without -- they come out byte for byte as well, from the first word that is no option', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(typedOption),
      commandWord.filter(isProgram),
      fc.array(commandWord),
      async (options, program, args) => {
        const { command } = await readCommandLine([...options.flat(), program, ...args], RUN_OPTIONS);
        expect(command).toEqual([program, ...args]);
      },
    ),
    { numRuns: 500 },
  );
});

test('planning changes nothing in them but the placeholders', () => {
  const isPlain = (word: string) => !PLACEHOLDERS.some((name) => word.includes(`{${name}}`));
  fc.assert(
    fc.property(fc.array(commandWord.filter(isPlain)), fc.nat({ max: 63 }), (words, at) => {
      const marked = words.map((word) => `${word}{port}${word}`);
      const { ranks } = planOf({ dataParallelSize: 64 }, ['serve', ...marked]);
      expect(ranks[at]?.argv.slice(1)).toEqual(words.map((word) => `${word}${8_000 + at}${word}`));
    }),
    { numRuns: 200 },
  );
});
