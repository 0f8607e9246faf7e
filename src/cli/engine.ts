import { firstValueFrom } from 'rxjs';
import type { ENGINE_OPTIONS } from '../config/options.ts';
import { checkKeyAndCertificate } from '../config/settings.ts';
import { startEngine } from '../engine/engine.ts';
import { portRefusal, readTls } from '../http/listener.ts';
import { heldSignals } from './early-signals.ts';
import { type Asked, refuseCommand } from './sources.ts';

/** `dp-supervisor engine`: one embedded engine, until it is asked to stop. */
export async function engineCommand({ values, command }: Asked<typeof ENGINE_OPTIONS>): Promise<number> {
  refuseCommand(command);
  checkKeyAndCertificate(values);
  const { host, port } = values;
  const engine = await startEngine({
    host,
    port,
    model: values.model,
    startupDelayMs: values.startupDelay * 1_000,
    tokensPerSecond: values.tokensPerSecond,
    drainTimeoutMs: values.shutdownTimeout * 1_000,
    tls: readTls(values.sslKeyfile, values.sslCertfile) ?? undefined,
    log: (line) => process.stdout.write(`${line}\n`),
    crash: (code) => process.exit(code),
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === undefined ? error : portRefusal(error, host, port);
  });
  await firstValueFrom(heldSignals());
  await engine.drain();
  return 0;
}
