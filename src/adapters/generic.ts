import { type Adapter, asItStands } from './adapter.ts';

/** Any server: COMMAND is a template, and nothing is added to it. */
export const generic: Adapter = {
  title: 'any other server',
  recognises: () => true,
  healthPath: '/health',
  stopSignal: 'SIGTERM',
  read: asItStands,
};
