import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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
};

const HOSTS: Readonly<Partial<Record<PortName, readonly string[]>>> = {
  gateway: ['127.0.0.1', '::1'],
  oidc: ['127.0.0.2'],
};

/** The default ports, each overridden by ASSAY_PORT_<NAME>. */
export function configuredPorts(environment: NodeJS.ProcessEnv): Ports {
  const entries = PORT_NAMES.map((name) => [
    name,
    Number(environment[`ASSAY_PORT_${name.toUpperCase()}`] ?? DEFAULT_PORTS[name]),
  ]);
  return Object.fromEntries(entries) as Ports;
}

/** One sentence a port that somebody holds: which process it is. Empty when all are free. */
export async function describeTaken(ports: Ports): Promise<string[]> {
  const taken: string[] = [];
  for (const name of PORT_NAMES) {
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
  return Object.fromEntries(chosen) as Ports;
}

async function isFree(name: PortName, port: number): Promise<boolean> {
  for (const host of HOSTS[name] ?? ['127.0.0.1']) if ((await tryListen(host, port)) === null) return false;
  return true;
}

async function anyPort(name: PortName): Promise<number> {
  for (;;) {
    const port = await tryListen(HOSTS[name]?.[0] ?? '127.0.0.1', 0);
    if (port !== null && (await isFree(name, port))) return port;
  }
}

function tryListen(host: string, port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else if (error.code === 'EADDRNOTAVAIL') resolve(port);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
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
  const lines = readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1);
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
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 80) || 'unnamed';
}
