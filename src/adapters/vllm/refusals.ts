import type { Settings } from '../../config/options.ts';
import { localRanks } from '../../config/settings.ts';
import { refuseIf } from './refuse.ts';
import type { Server } from './server.ts';

/**
 * Everything that vLLM's own supervisor refuses (vLLM: `validate_multi_port_external_lb_args`, `validate_grpc_port_arg`),
 * beside the sizes, ports and devices that are checked for every engine.
 *
 * @throws DpsError `DPS_USAGE`
 */
export function refuseGroup(server: Server, settings: Settings): void {
  const { size: localSize } = localRanks(settings);
  const servers = server.value('api-server-count');
  refuseUnprobed(server);
  refuseIf(servers !== null && Number(servers) !== 1, `--api-server-count ${servers}: each rank has one`);
  refuseIf(
    server.has('data-parallel-rank'),
    `--data-parallel-rank ${server.value('data-parallel-rank')}: the ranks are numbered here; leave it out`,
  );
  for (const other of ['data-parallel-external-lb', 'data-parallel-hybrid-lb']) {
    refuseIf(
      server.isOn(other),
      `--${other}: ${server.isOn(MULTI_PORT) ? `it cannot be combined with --${MULTI_PORT}` : 'it is another way of balancing load'}; leave it out`,
    );
  }
  refuseIf(
    settings.dataParallelSize < 2,
    `--data-parallel-size ${settings.dataParallelSize}: expected at least 2; one server alone, or one of another kind, is for --engine generic`,
  );
  refuseIf(
    localSize < 2,
    `--data-parallel-size-local ${localSize}: expected at least 2 ranks on this node; one alone needs no supervisor`,
  );
}

const MULTI_PORT = 'data-parallel-multi-port-external-lb';

/** @throws DpsError `DPS_USAGE` for what no server that serves by itself can be */
export function refuseIndependent(server: Server): void {
  refuseUnprobed(server);
}

function refuseUnprobed(server: Server): void {
  refuseIf(server.isOn('grpc'), '--grpc: ranks are asked for their health over HTTP, which it replaces');
  refuseIf(
    server.value('grpc-port') !== null,
    `--grpc-port ${server.value('grpc-port')}: the ranks would share it; leave it out`,
  );
  refuseIf(
    server.value('uds') !== null,
    `--uds ${server.value('uds')}: each rank listens on a port of its own; leave it out`,
  );
  refuseIf(server.isOn('headless'), '--headless: a rank without an API server cannot be asked for its health');
}
