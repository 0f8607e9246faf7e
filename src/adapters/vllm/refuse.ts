import { DpsError } from '../../errors.ts';

/** What vLLM would not take either, in one line that says whose words it is about. */
export function refusal(message: string): DpsError {
  return new DpsError('DPS_USAGE', `vLLM: ${message}`);
}

/** @throws DpsError `DPS_USAGE` when it is wrong */
export function refuseIf(wrong: boolean, message: string): void {
  if (wrong) throw refusal(message);
}
