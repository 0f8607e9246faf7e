import { defineConfig } from 'vitest/config';

/** Tests that start no process and change nothing that others see: what they import is loaded once for all of them. */
const PURE = ['adapters', 'streams', 'exhaustive', 'config', 'render', 'docs'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // Most tests of real processes wait most of the time; on two cores more at once would wait for each other.
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: { name: 'real', include: ['test/**/*.test.ts'], exclude: ['test/engines/**', ...PURE] },
      },
    ],
  },
});
