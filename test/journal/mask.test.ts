import { describe, expect, it } from 'vitest';
import { masking } from '../../src/journal/mask.ts';
import { MASK } from '../../src/journal/secret-names.ts';
import { SECRET_WORDS } from './secrets.ts';

const nothingKnown = masking([], []);
const argv = (...words: string[]) => nothingKnown.argv(words);

describe('on a command line', () => {
  it.each(SECRET_WORDS('PLANTED').map((words) => [words]))('%j is masked, as words and as a text', (words) => {
    expect(nothingKnown.argv(words).join(' ')).not.toContain('PLANTED');
    expect(nothingKnown.argv(words).join(' ')).toContain(MASK);
    expect(nothingKnown.text(words.join(' '))).not.toContain('PLANTED-0');
    expect(nothingKnown.text(`there is no program "${words.join(' ')}"`)).not.toContain('PLANTED-0');
  });

  it.each([
    [['vllm', 'serve', 'org/model', '--port', '8000', '--tokenizer', 'org/tokens', '--tokenizer-mode', 'auto']],
    [['--max-tokens', '4096', '--max-num-batched-tokens=8192', '--max-new-tokens', '16k']],
    [['--config', '{"max_tokens":20,"stop":["a"],"deep":{"tokenizer":"x"}}']],
    [['--ssl-keyfile', '/etc/tls.pem', '--keyboard', 'us', '--author', 'me']],
    [['http://127.0.0.1:8000/v1/@scope?x=1', 'git@host:path', 'a@b.c']],
    [['sh', '-c', 'exec server --port "$PORT" && echo done; echo a=b']],
    [['{not: json', '[', '', '-', '--', '=']],
  ])('%j stays as it is', (words) => {
    expect(nothingKnown.argv(words)).toEqual(words);
    expect(nothingKnown.text(words.join(' '))).toBe(words.join(' '));
  });

  it('only the secret is masked, and what is around it can still be read', () => {
    expect(argv('srv', '--api-key', 'a', 'b', '--port', '8')).toEqual([
      'srv',
      '--api-key',
      '***',
      '***',
      '--port',
      '8',
    ]);
    expect(argv('env', 'HF_TOKEN=a b', 'srv')).toEqual(['env', 'HF_TOKEN=***', 'srv']);
    expect(argv('--cfg={"api_key":"a","x":1}')).toEqual(['--cfg={"api_key":"***","x":1}']);
    expect(argv('sh', '-c', "HF_TOKEN='a b' srv --api-key x --port 8")[2]).toBe(
      "HF_TOKEN='***' srv --api-key *** --port 8",
    );
    expect(argv('postgres://me:a@host:5432/db?sslmode=on')).toEqual(['postgres://***@host:5432/db?sslmode=on']);
    expect(argv('https://host/?token=a&x=1')).toEqual(['https://host/?token=***&x=1']);
    expect(argv('--api-key', '--port', '8')).toEqual(['--api-key', '--port', '8']);
    expect(argv('--api-key', 'a', '--', 'srv')).toEqual(['--api-key', '***', '--', 'srv']);
  });
});

describe('what is known as a secret', () => {
  const known = masking(
    [['srv', '--api-key', 'from-an-argument']],
    [{ HF_TOKEN: 'from-a-variable', USE_KEY: 'short', PATH: '/usr/local/bin', EMPTY_TOKEN: undefined }],
  );

  it('is masked where it stands alone, whether an argument or a variable has made it known', () => {
    expect(known.argv(['srv', 'from-an-argument', 'x=from-a-variable!'])).toEqual(['srv', '***', 'x=***!']);
    expect(known.text('spawn from-a-variable failed')).toBe('spawn *** failed');
  });

  it('is not every short word, nor any other variable', () => {
    expect(known.text('a short way to /usr/local/bin')).toBe('a short way to /usr/local/bin');
  });

  it('is not the directory that a shell says it is in, though PWD reads like a password', () => {
    const inFolder = masking([], [{ PWD: '/srv/models', OLDPWD: '/srv/cache', MYSQL_PWD: 'longer-than-eight' }]);
    expect(inFolder.argv(['/srv/models/run', '/srv/cache'])).toEqual(['/srv/models/run', '/srv/cache']);
    expect(inFolder.argv(['longer-than-eight'])).toEqual(['***']);
  });

  it('is masked whole also when another secret is a part of it', () => {
    const both = masking([], [{ A_KEY: 'abcdefgh', B_KEY: 'abcdefgh-ijkl' }]);
    expect(both.text('abcdefgh-ijkl')).toBe('***');
  });
});

it.each([
  'a',
  ' ',
  '"',
  "'",
  '\\',
  '=',
  '://',
  'a=b ',
  '-a ',
  'key="',
  'key=\\"',
  '--key ',
  'key: {',
  'eyJa.',
  'bearer ',
  '[{',
  '-----BEGIN PRIVATE KEY-----',
])('a long text of %j takes no longer than its length deserves', (piece) => {
  const text = (length: number) => piece.repeat(length / piece.length);
  const took = (length: number) => {
    const begun = performance.now();
    nothingKnown.argv([text(length)]);
    nothingKnown.text(text(length));
    return performance.now() - begun;
  };
  took(1_000);
  // Were it quadratic, this would take minutes for some of them.
  expect(took(120_000)).toBeLessThan(10_000);
});
