import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { isIP, isIPv4, isIPv6 } from 'node:net';

/** A process that has a socket on a port. */
export interface Holder {
  readonly pid: number;
  /** As the kernel has it: at most 15 bytes, and whatever the process calls itself. */
  readonly name: string;
  /** The user that it belongs to. */
  readonly uid: number;
}

/**
 * Who keeps others from listening at an address, by port (Linux: the kernel's socket tables, then the open files of
 * every process that may be looked at). A port whose holder cannot be seen has an empty list. It takes tens of
 * milliseconds on a busy host.
 *
 * @param address an IP address; any other host stands for every address
 */
export function holdersOf(ports: readonly number[], address: string): ReadonlyMap<number, readonly Holder[]> {
  const sockets = ports.map((port) => [port, socketsOn(port, address)] as const);
  const owners = ownersOf(new Set(sockets.flatMap(([, inodes]) => inodes)));
  return new Map(
    sockets.map(([port, inodes]) => {
      const pids = new Set(inodes.flatMap((inode) => owners.get(inode) ?? []));
      return [port, [...pids].flatMap((pid) => describe(pid) ?? [])];
    }),
  );
}

/** `pid 4711 (node)`. */
export function holdersInWords(holders: readonly Holder[]): string {
  if (holders.length === 0) return 'a process that cannot be seen';
  return holders.map(({ pid, name }) => `pid ${pid} (${name})`).join(' and ');
}

interface Socket {
  readonly family: 4 | 6;
  readonly address: string;
  readonly listening: boolean;
  readonly inode: string;
}

/**
 * The sockets that are in the way. Those of the address's own family come first: whether one on `::` takes the port
 * of IPv4 as well, the table does not tell, so it is blamed only when nobody else is there. A connection that happens
 * to have the port blocks it too, but a listener is the better answer.
 */
function socketsOn(port: number, address: string): readonly string[] {
  const all = [...readSockets('/proc/net/tcp', 4, port), ...readSockets('/proc/net/tcp6', 6, port)];
  const inTheWay = all.filter((socket) => conflicts(socket, address));
  const listening = inTheWay.filter((socket) => socket.listening);
  const candidates = listening.length > 0 ? listening : inTheWay;
  const ofFamily = candidates.filter(({ family }) => isIPv4(address) && family === 4);
  return (ofFamily.length > 0 ? ofFamily : candidates).map(({ inode }) => inode);
}

function conflicts(socket: Socket, address: string): boolean {
  if (isIP(address) === 0 || address === '::' || socket.address === '::') return true;
  if (address === '0.0.0.0') return isIPv4(socket.address);
  if (socket.address === '0.0.0.0') return isIPv4(address);
  return socket.address === (isIPv6(address) ? canonical(address) : address);
}

const LISTEN = '0A';

function readSockets(table: string, family: 4 | 6, port: number): Socket[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let text;
  try {
    text = readFileSync(table, 'latin1');
  } catch {
    return []; // no such table, or none for this family
  }
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = '0'] = line.trim().split(/\s+/);
    if (!local.endsWith(end) || inode === '0') return []; // one without an inode belongs to nobody any more
    return { family, address: addressOf(local.slice(0, -end.length)), listening: state === LISTEN, inode };
  });
}

/** The table has addresses as words of four bytes, each in the byte order of the machine. */
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (LITTLE_ENDIAN) bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const mapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  return mapped ? bytes.subarray(12).join('.') : canonical(groups.join(':'));
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** An IPv6 address in its shortest spelling. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The processes that have these sockets open, by inode: there are several when a server has forked. */
function ownersOf(inodes: ReadonlySet<string>): ReadonlyMap<string, readonly number[]> {
  const owners = new Map<string, number[]>();
  if (inodes.size === 0) return owners;
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) owners.set(inode, [...(owners.get(inode) ?? []), Number(pid)]);
    }
  }
  return owners;
}

function describe(pid: number): Holder | null {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8')
      .replaceAll(/\p{Cc}+/gu, ' ')
      .trim();
    return { pid, name, uid: statSync(`/proc/${pid}`).uid };
  } catch {
    return null; // it has left
  }
}

/** Nothing when it is somebody else's, or gone. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
