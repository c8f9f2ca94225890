import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 10_000;
const POLL_MS = 200;
const PORTS: Readonly<Record<string, number>> = {
  'redis:': 6379,
  'rediss:': 6379,
  'postgres:': 5432,
  'postgresql:': 5432,
  'http:': 80,
  'https:': 443,
};

/**
 * Waits until somebody listens where a part is said to run already; that one may be starting just now.
 *
 * @param address a URL, or `unix:/path`
 * @throws Error that names the part, and the address without its password
 */
export async function verifyListens(name: string, address: string, ending?: AbortSignal): Promise<void> {
  const target = targetOf(name, address);
  for (const deadline = Date.now() + PATIENCE_MS; !(await listens(target)); await sleep(POLL_MS)) {
    ending?.throwIfAborted();
    if (Date.now() > deadline)
      throw new Error(`Nothing answers at ${withoutPassword(address)}, where ${name} is said to run.`);
  }
}

/** An address that may be shown. */
export function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}

function targetOf(name: string, address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const port = Number(url?.port) || PORTS[url?.protocol ?? ''];
  // Not shown: what is no address may be a password.
  if (!url?.hostname || !port) throw new Error(`What the environment names for ${name} is no address with a port.`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

async function listens(target: { path: string } | { host: string; port: number }): Promise<boolean> {
  const socket = connect({ ...target, timeout: 2_000 }).once('timeout', () => socket.destroy(new Error('late')));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
