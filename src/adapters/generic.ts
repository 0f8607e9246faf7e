import { type Adapter, asItStands } from './adapter.ts';

/** Any server: COMMAND is a template, and nothing is added to it. */
export const generic: Adapter = {
  recognises: () => true,
  healthPath: '/health',
  stopSignal: 'SIGTERM',
  read: (command) => ({ ...asItStands(command), warnings: () => overlooked(command) }),
};

/** vLLM behind something that nobody here knows, such as a script: it would start its own supervisor under this one. */
function overlooked(command: readonly string[]): readonly string[] {
  const text = command.join(' ');
  const startsItsOwn = /--data[-_]parallel[-_]multi[-_]port[-_]external[-_]lb|(^|\s)-dpm(\s|$)/.test(text);
  return startsItsOwn ? ["vLLM's own supervisor would be started by each rank: --engine vllm reads the command"] : [];
}
