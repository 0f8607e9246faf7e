import { existsSync, readdirSync } from 'node:fs';
import type { EngineCommand, Environment } from '../adapters/adapter.ts';
import { DpsError } from '../errors.ts';
import type { Settings } from './options.ts';
import { localRanks } from './settings.ts';

/** Variables that hide accelerators from a process, and the file that is there where one is of use. */
const MASKS = [
  { variable: 'CUDA_VISIBLE_DEVICES', device: '/dev/nvidiactl' },
  { variable: 'HIP_VISIBLE_DEVICES', device: '/dev/kfd' },
  { variable: 'ASCEND_RT_VISIBLE_DEVICES', device: '/dev/davinci_manager' },
  { variable: 'ZE_AFFINITY_MASK', device: null }, // every desktop has Intel's; only who has set it means it
  { variable: 'ROCR_VISIBLE_DEVICES', device: null }, // beneath HIP's, which counts within it
] as const;
/** Each NVIDIA device of this machine, or of this container. */
const NVIDIA_DEVICES = '/proc/driver/nvidia/gpus';

/** How the ranks of this node learn of their devices. */
export interface Dealing {
  readonly how: 'ids' | 'mask' | 'none';
  /** For `plan`: why so. */
  readonly note: string;
  /** What `{devices}` is for a rank: numbers within the inherited mask for an option, entries of the mask itself else. */
  of(localRank: number): readonly string[];
  /** Variables that show a rank its devices and no other. */
  mask(localRank: number): Readonly<Record<string, string>>;
}

/**
 * Deals tensor x pipeline parallel size devices out to each rank, in order, within the mask that is inherited.
 *
 * @throws DpsError `DPS_USAGE` when there are too few, or the masks contradict each other
 */
export function dealDevices(
  settings: Settings,
  { deviceOption }: Pick<EngineCommand, 'deviceOption'>,
  environment: Environment,
  own?: string,
): Dealing {
  const perRank = settings.tensorParallelSize * settings.pipelineParallelSize;
  const needed = localRanks(settings).size * perRank;
  const { variables, inherited } = inheritedMask(environment, own);
  const { how, note } = chosen(settings, deviceOption, variables, inherited);
  const asked = settings.deviceIds ?? Array.from({ length: needed }, (_, index) => String(index));
  for (let rank = 0; rank * perRank < needed; rank += 1) refuseTwice(asked.slice(rank * perRank, (rank + 1) * perRank));
  if (how !== 'none') checkVisible(asked.slice(0, needed), perRank, how, inherited, variables);

  const slice = (localRank: number) => asked.slice(localRank * perRank, (localRank + 1) * perRank);
  const masked = (localRank: number) => slice(localRank).map((device) => inherited?.[Number(device)] ?? device);
  return {
    how,
    note,
    of: (localRank) => (how === 'ids' ? slice(localRank) : masked(localRank)),
    mask: (localRank) =>
      how === 'mask' ? Object.fromEntries(variables.map((variable) => [variable, masked(localRank).join(',')])) : {},
  };
}

/** The variables to set, and the devices that they show already; null where they show all. */
function inheritedMask(environment: Environment, own?: string) {
  const set = MASKS.map(({ variable }) => variable as string).filter((name) => environment[name] !== undefined);
  const inner = set.filter((name) => name !== 'ROCR_VISIBLE_DEVICES');
  const known = own !== undefined ? [own] : inner.length > 0 ? inner : set;
  const [first = usualMask(), ...others] = known;
  const other = others.find((name) => environment[name] !== environment[first]);
  if (other !== undefined) {
    throw new DpsError(
      'DPS_USAGE',
      `${first}=${environment[first]} and ${other}=${environment[other]} contradict each other: unset one, or --devices none`,
    );
  }
  const text = environment[first];
  return { variables: [first, ...others], inherited: text === undefined ? null : entriesOf(text) };
}

/** CUDA shows what stands before the first entry that is no device. */
function entriesOf(mask: string): readonly string[] {
  const entries = mask.split(',').map((entry) => entry.trim());
  const end = entries.findIndex((entry) => entry === '' || entry === '-1' || entry === 'NoDevFiles');
  return end === -1 ? entries : entries.slice(0, end);
}

function usualMask(): string {
  return MASKS.find(({ device }) => device !== null && existsSync(device))?.variable ?? MASKS[0].variable;
}

function chosen(
  { devices, env }: Settings,
  option: EngineCommand['deviceOption'],
  variables: readonly string[],
  inherited: readonly string[] | null,
): { readonly how: Dealing['how']; readonly note: string } {
  const asked = '--devices';
  if (devices === 'none') return { how: 'none', note: `none (${asked})` };
  if (devices === 'ids') {
    if (option.is !== 'none') return { how: 'ids', note: `ids (${asked})` };
    throw new DpsError('DPS_USAGE', `--devices ids: ${option.why}; expected mask or none`);
  }
  if (devices === 'mask') return { how: 'mask', note: `mask, ${variables.join(' and ')} (${asked})` };
  const byHand = MASKS.find(({ variable }) => Object.hasOwn(env, variable));
  if (byHand !== undefined) return { how: 'none', note: `none (--env sets ${byHand.variable})` };
  if (inherited?.length === 0) return { how: 'none', note: `none (${variables.join(' and ')} shows none)` };
  return option.is === 'usual'
    ? { how: 'ids', note: `ids (${option.why})` }
    : { how: 'mask', note: `mask, ${variables.join(' and ')} (${option.why})` };
}

/** Two ranks may share a device; one rank cannot have it twice. (vLLM: `_resolve_device_ids`) */
function refuseTwice(devices: readonly string[]): void {
  const twice = devices.find((device, index) => devices.indexOf(device) !== index);
  if (twice !== undefined) {
    throw new DpsError('DPS_USAGE', `--device-ids: expected other devices for one rank, got ${devices.join(',')}`);
  }
}

/** @throws DpsError `DPS_USAGE` */
function checkVisible(
  devices: readonly string[],
  perRank: number,
  how: Dealing['how'],
  inherited: readonly string[] | null,
  [variable]: readonly string[],
): void {
  const visible = inherited?.length ?? nvidiaDevices(variable);
  if (visible === null) return;
  const ranks = devices.length / perRank;
  const where = inherited === null ? 'there are' : `${variable}=${inherited.join(',')} shows`;
  const hint = 'expected fewer ranks, or --devices none to share them';
  if (devices.length > visible) {
    throw new DpsError(
      'DPS_USAGE',
      `--devices ${how}: ${ranks} ranks of ${perRank} (tensor x pipeline parallel size) need ${devices.length} devices, and ${where} ${visible}: ${hint}`,
    );
  }
  const beyond = devices.find((device) => /^\d+$/.test(device) && Number(device) >= visible);
  if (beyond !== undefined) {
    throw new DpsError('DPS_USAGE', `--device-ids: ${beyond} is beyond the last one: ${where} ${visible}`);
  }
}

/** How many there are where nothing hides any; null where that cannot be seen. */
function nvidiaDevices(variable: string | undefined): number | null {
  if (variable !== MASKS[0].variable || !existsSync(NVIDIA_DEVICES)) return null;
  return readdirSync(NVIDIA_DEVICES).length;
}
