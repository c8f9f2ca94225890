import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { PORT_NAMES, type PortName, type Ports } from './part.ts';

/** What the doors are by default. */
export const DEFAULT_PORTS: Ports = {
  gateway: 4000,
  edge: 4001,
  store: 4002,
  oidc: 4003,
  postgres: 4005,
  redis: 4006,
  clamd: 4007,
  worker: 4010,
  moderation: 4011,
  metrics: 9464,
  edge_metrics: 9465,
  identity: 4021,
  media: 4022,
  licensing: 4023,
  compliance: 4024,
};

const HOSTS: Readonly<Partial<Record<PortName, readonly string[]>>> = {
  gateway: ['127.0.0.1', '::1'],
  oidc: ['127.0.0.2'],
};

/** The default ports, each overridden by ASSAY_PORT_<NAME>. @throws Error that names what is no port */
export function configuredPorts(env: Readonly<Record<string, string | undefined>>): Ports {
  return portsBy((name) => {
    const text = env[`ASSAY_PORT_${name.toUpperCase()}`] ?? String(DEFAULT_PORTS[name]);
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`ASSAY_PORT_${name.toUpperCase()} is ${text}, which is no port.`);
    return port;
  });
}

/** One sentence a port that somebody holds: which process it is. Empty when all are free. */
export async function describeTaken(ports: Ports, names: readonly PortName[] = PORT_NAMES): Promise<string[]> {
  const taken: string[] = [];
  for (const name of names) {
    if (!(await isFree(name, ports[name])))
      taken.push(`Port ${ports[name]} (${name}) is held by ${holderOf(ports[name])}.`);
  }
  return taken;
}

/** Ports that nobody holds now, the wished ones where they are free. */
export async function choosePorts(wished?: Ports): Promise<Ports> {
  const chosen = new Map<PortName, number>();
  for (const name of PORT_NAMES) {
    const wish = wished?.[name];
    let port = wish !== undefined && (await isFree(name, wish)) ? wish : await anyPort(name);
    while ([...chosen.values()].includes(port)) port = await anyPort(name);
    chosen.set(name, port);
  }
  return portsBy((name) => chosen.get(name) ?? DEFAULT_PORTS[name]);
}

function portsBy(portOf: (name: PortName) => number): Ports {
  const ports: Record<PortName, number> = { ...DEFAULT_PORTS };
  for (const name of PORT_NAMES) ports[name] = portOf(name);
  return ports;
}

async function isFree(name: PortName, port: number): Promise<boolean> {
  for (const host of HOSTS[name] ?? ['127.0.0.1']) if (!(await canListen(host, port))) return false;
  return true;
}

/** Below the ports that the system hands to outgoing connections, which could take one before its server does. */
async function anyPort(name: PortName): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(name, port)) return port;
  }
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      // The system has no such address, so nothing of ours will ask for it.
      else if (error.code === 'EADDRNOTAVAIL') resolve(true);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Which process listens on a port: its command and pid, from /proc; needs no tool. */
function holderOf(port: number): string {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)));
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (socketsOf(pid).some((inode) => inodes.has(inode))) return `process ${pid} (${commandOf(pid)})`;
  }
  return 'a process that this user may not see';
}

function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const file = `/proc/net/${table}`;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(1) : [];
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hex}`) && columns[3] === '0A')
    .map((columns) => columns[9] ?? '');
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith('socket:[') ? [target.slice(8, -1)] : [];
    });
  } catch {
    return [];
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 80) || 'unnamed';
  } catch {
    return 'it has just ended';
  }
}
