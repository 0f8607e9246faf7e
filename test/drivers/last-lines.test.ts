import { describe, expect, it } from 'vitest';
import { lastLines } from '../../src/drivers/last-lines.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

/** What is kept of rank 0 when these pieces come one after the other. */
function kept(...pieces: readonly (string | Buffer)[]): readonly string[] {
  const lines = lastLines();
  for (const piece of pieces) lines.saw(0, 'stdout', Buffer.from(piece));
  return lines.of(0);
}

describe('the last lines of a rank', () => {
  it('are the newest 50, also the one that was never finished', () => {
    expect(kept(numbered(200).join('\n'))).toEqual(numbered(200).slice(-50));
  });

  it('are none of a rank that wrote nothing', () => {
    expect(lastLines().of(7)).toEqual([]);
  });

  it('are the same however they come, byte by byte too', () => {
    const text = `${numbered(60).join(' é漢😀\n')}\n`;
    expect(kept(...Array.from(Buffer.from(text), (byte) => Buffer.of(byte)).slice(-2_000))).toEqual(
      kept(Buffer.from(text).subarray(-2_000)),
    );
  });

  it('are those of both streams in the order in which they ended', () => {
    const lines = lastLines();
    lines.saw(0, 'stdout', Buffer.from('out begins'));
    lines.saw(0, 'stderr', Buffer.from('err\n'));
    lines.saw(1, 'stderr', Buffer.from('another rank\n'));
    lines.saw(0, 'stdout', Buffer.from(' and ends\n'));
    expect(lines.of(0)).toEqual(['err', 'out begins and ends']);
  });

  it('end where they are held: what a rank says of its end is not why it came to it', () => {
    const lines = lastLines();
    lines.saw(0, 'stdout', Buffer.from('stuck\n'));
    lines.hold(0);
    lines.saw(0, 'stdout', Buffer.from('got SIGTERM\n'));
    expect(lines.of(0)).toEqual(['stuck']);
  });

  it('are text: no colours, no control characters, and of a progress bar what one would have seen', () => {
    expect(kept('\x1b[31mred\x1b[0m\n10 %\r20 %\rdone\r\n\0bell\x07\ttab\n')).toEqual(['red', 'done', ' bell \ttab']);
  });

  it('begin with a whole line: half a line may be half a secret', () => {
    const lines = kept(`${'x'.repeat(100_000)}\n`, `token=${'y'.repeat(100_000)}\nwhole\n`, 'z'.repeat(100_000));
    expect(lines.map((line) => line.slice(0, 5))).toEqual(['whole', 'zzzzz']);
  });

  it.each([1, 100, 65_536])('take no more room than they need, in pieces of %i bytes', (size) => {
    const lines = lastLines();
    const piece = () => Buffer.from(`${'x'.repeat(Math.max(0, size - 1))}\n`);
    const before = process.memoryUsage();
    for (let sum = 0; sum < 20_000_000; sum += Math.max(size, 100)) lines.saw(0, 'stdout', piece());
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(50_000_000);
    expect(lines.of(0).length).toBeLessThanOrEqual(50);
  });
});
