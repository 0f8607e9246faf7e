import { existsSync, readdirSync } from 'node:fs';
import type { EngineCommand, Environment } from '../adapters/adapter.ts';
import { refuseIf } from '../errors.ts';
import type { Launch } from './group.ts';
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
 * @param own the variable of the engine's own accelerators
 * @throws DpsError `DPS_USAGE` when there are too few, or the masks contradict each other
 */
export function dealDevices(
  settings: Settings,
  { engineCommand, environment, assigned }: Pick<Launch, 'engineCommand' | 'environment' | 'assigned'>,
  own?: string,
): Dealing {
  const perRank = settings.tensorParallelSize * settings.pipelineParallelSize;
  const needed = localRanks(settings).size * perRank;
  const mask = inheritedMask({ ...environment, ...assigned }, own);
  const { how, note } = chosen(settings, engineCommand.deviceOption, mask, assigned);
  const { variables, inherited } = mask;
  const asked = settings.deviceIds ?? Array.from({ length: needed }, (_, index) => String(index));
  const slice = (localRank: number) => asked.slice(localRank * perRank, (localRank + 1) * perRank);
  for (let localRank = 0; localRank * perRank < needed; localRank += 1) checkOne(slice(localRank));
  if (how !== 'none') {
    refuseIf(mask.contradiction !== null, `${mask.contradiction}: unset one, or --devices none`);
    checkVisible(asked.slice(0, needed), perRank, how, mask);
  }

  const masked = (localRank: number) => slice(localRank).map((device) => inherited?.[Number(device)] ?? device);
  return {
    how,
    note,
    of: (localRank) => (how === 'ids' ? slice(localRank) : masked(localRank)),
    mask: (localRank) =>
      how === 'mask' ? Object.fromEntries(variables.map((variable) => [variable, masked(localRank).join(',')])) : {},
  };
}

interface Mask {
  /** What is set to show a rank its devices. */
  readonly variables: readonly string[];
  /** The devices that it shows already; null where it shows all. */
  readonly inherited: readonly string[] | null;
  /** How two of the variables show other devices; null where they do not. */
  readonly contradiction: string | null;
}

function inheritedMask(environment: Environment, own?: string): Mask {
  const set = MASKS.map(({ variable }) => variable as string).filter((name) => environment[name] !== undefined);
  const inner = set.filter((name) => name !== 'ROCR_VISIBLE_DEVICES');
  const known = own !== undefined ? [own] : inner.length > 0 ? inner : set;
  const [first = usualMask(), ...others] = known;
  const other = others.find((name) => environment[name] !== environment[first]);
  const text = environment[first];
  return {
    variables: [first, ...others],
    inherited: text === undefined ? null : entriesOf(text),
    contradiction:
      other === undefined
        ? null
        : `${first}=${environment[first]} and ${other}=${environment[other]} contradict each other`,
  };
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
  { variables, inherited }: Mask,
  assigned: Environment,
): { readonly how: Dealing['how']; readonly note: string } {
  const names = variables.join(' and ');
  const inCommand = variables.find((name) => assigned[name] !== undefined);
  if (devices === 'none') return { how: 'none', note: 'none (--devices)' };
  if (devices === 'ids') {
    refuseIf(option.is === 'none', `--devices ids: ${option.why}; expected mask or none`);
    return { how: 'ids', note: 'ids (--devices)' };
  }
  if (devices === 'mask') {
    refuseIf(inCommand !== undefined, `--devices mask: COMMAND sets ${inCommand} itself; leave one of the two out`);
    return { how: 'mask', note: `mask, ${names} (--devices)` };
  }
  const byHand = MASKS.find(({ variable }) => Object.hasOwn(env, variable));
  if (byHand !== undefined) return { how: 'none', note: `none (--env sets ${byHand.variable})` };
  if (inherited?.length === 0) return { how: 'none', note: `none (${names} shows none)` };
  if (option.is === 'usual') return { how: 'ids', note: `ids (${option.why})` };
  if (inCommand !== undefined) return { how: 'none', note: `none (COMMAND sets ${inCommand})` };
  return { how: 'mask', note: `mask, ${names} (${option.why})` };
}

/** Two ranks may share a device; one rank cannot have it twice, or by number and by name. (vLLM: `_resolve_device_ids`) */
function checkOne(devices: readonly string[]): void {
  const isTwice = devices.some((device, index) => devices.indexOf(device) !== index);
  refuseIf(isTwice, `--device-ids: expected other devices for one rank, got ${devices.join(',')}`);
  const numbers = devices.filter(isNumber).length;
  refuseIf(
    numbers > 0 && numbers < devices.length,
    `--device-ids: expected numbers or names for one rank, got ${devices.join(',')}`,
  );
}

/** @throws DpsError `DPS_USAGE` */
function checkVisible(
  devices: readonly string[],
  perRank: number,
  how: Dealing['how'],
  { variables: [variable = ''], inherited }: Mask,
): void {
  const visible = inherited?.length ?? nvidiaDevices(variable);
  if (visible === null) return;
  const ranks = devices.length / perRank;
  const where = inherited === null ? 'there are' : `${variable}=${inherited.join(',')} shows`;
  refuseIf(
    devices.length > visible,
    `--devices ${how}: ${ranks} ranks of ${perRank} (tensor x pipeline parallel size) need ${devices.length} devices, and ${where} ${visible}: expected fewer ranks, or --devices none to share them`,
  );
  const beyond = devices.find((device) => isNumber(device) && Number(device) >= visible);
  refuseIf(beyond !== undefined, `--device-ids: ${beyond} is beyond the last one: ${where} ${visible}`);
  const isNamed = inherited?.some((entry) => !isNumber(entry)) === true;
  const unknown = devices.find((device) => isNamed && !isNumber(device) && !inherited.includes(device));
  refuseIf(unknown !== undefined, `--device-ids: ${where} no ${unknown}`);
}

const isNumber = (device: string) => /^\d+$/.test(device);

/** How many there are where nothing hides any; null where that cannot be seen. */
function nvidiaDevices(variable: string): number | null {
  if (variable !== MASKS[0].variable || !existsSync(NVIDIA_DEVICES)) return null;
  return readdirSync(NVIDIA_DEVICES).length;
}
