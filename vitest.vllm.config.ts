import { defineConfig } from 'vitest/config';

// A real vLLM, installed by test/engines/vllm/install.mjs; neither `npm test` nor `npm run test:engines` needs it.
export default defineConfig({ test: { include: ['test/engines/vllm/**/*.test.ts'], fileParallelism: false } });
