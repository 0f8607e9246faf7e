import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DpsError } from '../../src/errors.ts';
import { journalFile } from '../../src/journal/write.ts';
import { entry, HEADER } from './lines.ts';
import { checked, checkedFile } from './schema-check.ts';

/** What a test puts in the place of the system's calls, or before them. */
const disk = vi.hoisted(() => ({
  beforeRename: () => undefined as unknown,
  /** How many bytes still fit. */
  room: Infinity,
}));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const renameSync: typeof fs.renameSync = (from, to) => {
    disk.beforeRename();
    real.renameSync(from, to);
  };
  const writeSync = (fd: number, bytes: Buffer, at = 0) => {
    const count = Math.min(bytes.length - at, disk.room);
    if (count === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    disk.room -= count;
    return real.writeSync(fd, bytes, at, count);
  };
  return { ...real, renameSync, writeSync };
});

let directory = '';
let path = '';
const told: string[] = [];
const open = (maxBytes = Infinity) => {
  const file = journalFile(path, maxBytes, (problem) => told.push(problem));
  onTestFinished(() => file.close());
  return file;
};
const read = () => fs.readFileSync(path, 'utf8');
const bytesIn = (where: string) =>
  fs.readdirSync(where).reduce((sum, name) => sum + fs.statSync(join(where, name)).size, 0);

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'journal-test-'));
  path = join(directory, 'j');
  told.length = 0;
});
afterEach(() => {
  disk.beforeRename = () => undefined;
  disk.room = Infinity;
  fs.rmSync(directory, { recursive: true, force: true });
});

describe('a journal file', () => {
  it('has the header at once, facts with the next command, and the last ones when it is closed', () => {
    const file = open();
    file.take(HEADER);
    expect(checked(read()).header).toEqual('header' in HEADER && HEADER.header);
    file.take(entry(1));
    expect(checked(read()).entries).toHaveLength(1);
    file.take(entry(2));
    expect(checked(read()).entries).toHaveLength(1);
    file.take(entry(3));
    expect(checked(read()).entries).toEqual([entry(1), entry(2), entry(3)]);
    file.take(entry(4));
    file.close();
    expect(checked(read()).entries).toEqual([entry(1), entry(2), entry(3), entry(4)]);
  });

  it('does not keep facts waiting without end when no command comes', () => {
    const file = open();
    file.take(HEADER);
    for (let seq = 2; seq <= 4_000; seq += 1) file.take({ ...entry(2), seq: seq - 1 });
    expect(checked(read()).entries.length).toBeGreaterThan(3_000);
  });

  it('of an earlier run is kept beside the new one, and so are its mode and the link that leads to it', () => {
    fs.mkdirSync(join(directory, 'real'));
    const real = join(directory, 'real/j');
    fs.writeFileSync(real, 'the run before\n', { mode: 0o640 });
    fs.symlinkSync(real, path);
    const file = open();
    file.take(HEADER);
    expect(fs.readFileSync(`${real}.previous`, 'utf8')).toBe('the run before\n');
    expect(fs.readlinkSync(path)).toBe(real);
    expect(fs.statSync(real).mode & 0o777).toBe(0o640);
    expect(checkedFile(real).entries).toEqual([]);
  });

  it('of an earlier run is begun anew where it cannot be moved', () => {
    fs.writeFileSync(path, 'the run before\n');
    disk.beforeRename = () => {
      throw new Error('EBUSY');
    };
    open().take(HEADER);
    expect(checked(read()).entries).toEqual([]);
    expect(told).toEqual([]);
  });

  it.each([
    ['a directory', () => fs.mkdirSync(path), /EISDIR/],
    ['a pipe that nobody reads', () => execFileSync('mkfifo', [path]), /ENXIO/],
    ['in a directory that is missing', () => (path = join(directory, 'missing/j')), /ENOENT/],
  ])('%s cannot be one, which is known before anything is started', (_, make, message) => {
    make();
    expect(() => open()).toThrow(message);
    expect(() => open()).toThrow(DpsError);
  });
});

describe('a bounded journal', () => {
  it.each([2_000, 3_000, 9_999, 65_536, 200_000])(
    'of %i bytes is never larger, not even while it is shortened, and has beginning, gap and newest part',
    (maxBytes) => {
      const file = open(maxBytes);
      let shortenings = 0;
      disk.beforeRename = () => {
        shortenings += 1;
        expect(bytesIn(directory)).toBeLessThanOrEqual(maxBytes);
        checked(read());
      };
      file.take(HEADER);
      const last = Math.ceil(maxBytes / 25);
      for (let seq = 1; seq <= last; seq += 1) {
        file.take(entry(seq));
        if (seq % 2 === 1) expect(bytesIn(directory)).toBeLessThanOrEqual(maxBytes);
        if (seq % 1_001 === 0) checked(read());
      }
      file.close();
      const { entries, gaps } = checked(read());
      expect(shortenings).toBeGreaterThan(2);
      expect(told).toEqual([]);
      expect(gaps).toHaveLength(1);
      expect(entries[0]).toEqual(entry(1));
      expect(entries.at(-1)).toEqual(entry(last));
      expect(entries.every((found) => JSON.stringify(found) === JSON.stringify(entry(found.seq)))).toBe(true);
      expect(fs.readdirSync(directory)).toEqual(['j']);
      // What is kept is worth the room that it was given.
      const { length: size } = read();
      expect(size).toBeGreaterThan((maxBytes - 2 * JSON.stringify(HEADER).length) * 0.35);
    },
  );

  it('is not shortened before it has to be', () => {
    const file = open(9_999);
    file.take(HEADER);
    let seq = 0;
    let before = '';
    disk.beforeRename = () => (before = read());
    while (before === '') file.take(entry((seq += 1)));
    expect(checked(before).gaps).toEqual([]);
    const size = before.length + JSON.stringify(entry(seq)).length + JSON.stringify(entry(seq - 1)).length + 2;
    const room = 9_999 - 2 * (JSON.stringify(HEADER).length + 1) - 128;
    expect(size).toBeGreaterThan(
      9_999 - (JSON.stringify(HEADER).length + 1) - Math.floor(room / 8) - Math.floor(room / 4) - 128,
    );
  });

  it('without a bound keeps everything', () => {
    const file = open();
    file.take(HEADER);
    for (let seq = 1; seq <= 5_001; seq += 1) file.take(entry(seq));
    expect(checked(read()).entries).toHaveLength(5_001);
  });

  it('whose header has no room in it is told, and stays away', () => {
    const file = open(800);
    file.take(HEADER);
    file.take(entry(1));
    expect(told).toEqual([expect.stringMatching(/^the header alone takes \d+ of 800 bytes$/)]);
    expect(file.whole()).toBe(false);
    expect(read()).toBe('');
  });

  it('leaves out an entry that is too long for it, and says so in its place', () => {
    const file = open(9_999);
    file.take(HEADER);
    file.take(entry(1));
    file.take({ seq: 2, t: 1_000, fact: { type: 'StopRequested', reason: 'x'.repeat(9_000) } });
    file.take({ ...entry(3), t: 1_000 });
    file.take({ ...entry(5), seq: 4, t: 12_000 });
    expect(checked(read())).toMatchObject({ gaps: [{ from: 2, to: 3 }], entries: [{ seq: 1 }, { seq: 4 }] });
  });

  it('is a whole journal also when its writer is killed at any moment; only the last line may be cut', async () => {
    for (const announced of [1, 2, 3, 5, 8, 13, 21, 34]) {
      const file = join(directory, `killed-${announced}`);
      const script = fileURLToPath(new URL('writes-without-end.ts', import.meta.url));
      const child = spawn(process.execPath, ['--import', 'tsx', script, file, '20000'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      let lines = 0;
      for await (const line of createInterface(child.stdout)) {
        expect(line).toBe('shortened');
        if ((lines += 1) === announced) child.kill('SIGKILL');
      }
      if (child.signalCode === null) await once(child, 'exit');
      const text = fs.readFileSync(file, 'utf8');
      const { entries, gaps } = checked(text.slice(0, text.lastIndexOf('\n') + 1));
      expect(gaps).toHaveLength(1);
      expect(entries[0]?.seq).toBe(1);
      expect(entries.at(-1)?.seq).toBeGreaterThan(gaps[0]?.to ?? Infinity);
    }
  });
});

describe('a disk that fails', () => {
  it('is told once; half a line is taken back, and what was not written is a gap once there is room again', () => {
    const file = open();
    file.take(HEADER);
    file.take(entry(1));
    const before = read();
    disk.room = 30;
    file.take(entry(2));
    file.take(entry(3));
    expect(read()).toBe(before);
    for (let seq = 4; seq <= 21; seq += 1) file.take(entry(seq));
    expect(told).toEqual(['ENOSPC: no space left on device, write']);
    expect(file.whole()).toBe(false);
    disk.room = Infinity;
    for (let seq = 22; seq <= 61; seq += 1) file.take(entry(seq));
    file.close();
    const { gaps, entries } = checked(read());
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.from).toBe(2);
    expect(entries.at(-1)).toEqual(entry(61));
    expect(told).toHaveLength(1);
  });

  it('is tried again at the very end, so that the end is there if it can be', () => {
    const file = open();
    file.take(HEADER);
    disk.room = 0;
    file.take(entry(1));
    disk.room = Infinity;
    file.take(entry(2));
    file.take(entry(3));
    file.close();
    expect(checked(read())).toMatchObject({ gaps: [{ from: 1, to: 3 }], entries: [] });
  });

  it('from the start gets the header together with the first entries that can be written', () => {
    const file = open();
    disk.room = 0;
    file.take(HEADER);
    file.take(entry(1));
    disk.room = Infinity;
    file.take(entry(31));
    expect(told).toHaveLength(1);
    expect(checked(read())).toMatchObject({ gaps: [{ from: 1, to: 30 }], entries: [entry(31)] });
  });

  it('while a journal is shortened leaves the journal as it was, and no litter', () => {
    const file = open(9_999);
    file.take(HEADER);
    let seq = 0;
    disk.beforeRename = () => {
      throw new Error('EIO');
    };
    while (told.length === 0) file.take(entry((seq += 1)));
    checked(read());
    expect(fs.readdirSync(directory)).toEqual(['j']);
    disk.beforeRename = () => undefined;
    for (let more = 0; more < 100; more += 1) file.take(entry((seq += 1)));
    file.close();
    expect(checked(read()).entries.at(-1)).toEqual(entry(seq));
    expect(told).toEqual(['EIO']);
  });

  it('whose directory has vanished is told once; when that is back, a new file begins with a gap', () => {
    fs.mkdirSync(join(directory, 'gone'));
    path = join(directory, 'gone/j');
    const file = open();
    file.take(HEADER);
    file.take(entry(1));
    fs.rmSync(join(directory, 'gone'), { recursive: true });
    for (let seq = 2; seq <= 31; seq += 1) file.take(entry(seq));
    expect(told).toEqual([expect.stringContaining('ENOENT')]);
    fs.mkdirSync(join(directory, 'gone'));
    for (let seq = 32; seq <= 61; seq += 1) file.take(entry(seq));
    const { gaps, entries } = checked(read());
    expect(gaps).toEqual([{ from: 1, to: (entries[0]?.seq ?? NaN) - 1 }]);
    expect(entries.at(-1)).toEqual(entry(61));
    expect(told).toHaveLength(1);
  });

  it('never costs the file of somebody else who has taken its place', () => {
    const file = open();
    file.take(HEADER);
    fs.rmSync(path);
    fs.writeFileSync(path, 'precious');
    file.take(entry(1));
    expect(read()).toBe('precious');
    expect(told).toEqual([expect.stringContaining('EEXIST')]);
  });
});
