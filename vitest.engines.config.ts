import { defineConfig } from 'vitest/config';

// Real engines, installed by test/engines/install.mjs; `npm test` does without them.
export default defineConfig({
  test: { include: ['test/engines/**/*.test.ts'], exclude: ['test/engines/vllm/**'], fileParallelism: false },
});
