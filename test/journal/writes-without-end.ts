// Writes a journal of MAX bytes at PATH until it is killed, and tells each time that it has been shortened.
import { statSync, writeSync } from 'node:fs';
import { journalFile } from '../../src/journal/write.ts';
import { entry, HEADER } from './lines.ts';

const [path = '', max] = process.argv.slice(2);
const STDOUT = 1;
const file = journalFile(path, Number(max), (problem) => {
  throw new Error(problem);
});
file.take(HEADER);
let { ino } = statSync(path);
for (let seq = 1; ; seq += 1) {
  file.take(entry(seq));
  const now = statSync(path).ino;
  if (now !== ino) writeSync(STDOUT, 'shortened\n');
  ino = now;
}
