// Whether cgroups can be made on this machine, for tests of what is done with them.
import { groupCgroups } from '../src/drivers/cgroups.ts';
import { groupMark } from '../src/drivers/mark.ts';

const probe = groupCgroups(groupMark(), []);
probe.remove();

export const hasCgroups = probe.folder !== null;
/** Why a test that is skipped is skipped, behind its title. */
export const WITHOUT_CGROUPS = hasCgroups ? '' : ' (skipped: no cgroup can be made here)';
