// Builds dist/: the program, bundled with rxjs so that it starts fast; the library, which leaves rxjs to
// its user so that there is one of it; and the types of both.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const external = Object.keys({ ...dependencies, ...optionalDependencies });
const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  splitting: true,
  logLevel: 'warning',
};

rmSync('dist', { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: 'dist/cli',
    external: external.filter((name) => !name.startsWith('rxjs')),
    // Under Node rxjs resolves to CommonJS, of which a bundler cannot leave out what nobody uses.
    alias: { rxjs: './node_modules/rxjs/dist/esm/index.js' },
    minifySyntax: true,
    minifyWhitespace: true,
  }),
  build({
    ...shared,
    entryPoints: { index: 'src/index.ts', streams: 'streams/index.ts' },
    outdir: 'dist/lib',
    external,
  }),
]);
// rxjs and rxjs-for-await are in the bundle, and so are the terms under which they may be.
const licences = ['rxjs/LICENSE.txt', 'rxjs-for-await/LICENSE'].map((path) =>
  readFileSync(`node_modules/${path}`, 'utf8'),
);
writeFileSync('dist/cli/THIRD-PARTY-LICENSES.txt', licences.join('\n----\n\n'));
chmodSync('dist/cli/main.js', 0o755);
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], { stdio: 'inherit' });
