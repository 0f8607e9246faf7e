/**
 * The engines that there are adapters for, in the order in which they are tried: the one place of their names, read by
 * `--engine`, the table of adapters and the documents.
 */
export const ENGINE_NAMES = [
  'vllm-ascend',
  'vllm',
  'vllm-independent',
  'sglang',
  'llama-server',
  'tgi',
  'triton',
  'generic',
] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];
