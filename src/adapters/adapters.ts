import type { Adapter, Environment } from './adapter.ts';
import { generic } from './generic.ts';
import { llamaServer } from './llama-server.ts';
import { ENGINE_NAMES, type EngineName } from './names.ts';
import { sglang } from './sglang.ts';
import { tgi } from './tgi.ts';
import { triton } from './triton.ts';
import { vllm, vllmAscend, vllmIndependent } from './vllm.ts';

/** The adapter of each engine. */
export const ADAPTERS: Readonly<Record<EngineName, Adapter>> = {
  vllm,
  'vllm-ascend': vllmAscend,
  'vllm-independent': vllmIndependent,
  sglang,
  'llama-server': llamaServer,
  tgi,
  triton,
  generic,
};

/** The engine that was asked for, or the first one that COMMAND looks like. */
export function engineOf(asked: EngineName | 'auto', command: readonly string[], environment: Environment): EngineName {
  if (asked !== 'auto') return asked;
  return ENGINE_NAMES.find((name) => ADAPTERS[name].recognises(command, environment)) ?? 'generic';
}
