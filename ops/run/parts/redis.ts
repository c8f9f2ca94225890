import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Ground, Part } from '../part.ts';

/** A user a process, and what each may do. Keys and commands are the ones its code uses, and no more. */
export const REDIS_USERS: Readonly<Record<string, string>> = {
  gateway:
    '~grant:* ~epoch:* ~rate:* ~login:* ~boot &wake:* &wake:session:* -@all +@connection +@pubsub +@read +@write +@transaction +eval +evalsha +script|load +info +time -@dangerous +info',
  identity:
    '~login:* &wake:* -@all +@connection +publish +get +set +incr +expire +pexpire +pttl +ttl +del +eval +evalsha +script|load',
  worker: '~epoch:* &wake:* -@all +@connection +publish +incr +get +set',
  edge: '~grant:* ~lease:* ~epoch:* ~redemptions ~rate:* ~boot -@all +@connection +@read +@write +@transaction +eval +evalsha +script|load +info +time -@dangerous +info',
  drain:
    '~redemptions -@all +@connection +xreadgroup +xack +xgroup|create +xautoclaim +xpending +xlen +xtrim +xdel +xinfo|stream',
};

/** Redis 7 of Debian: an ACL user a process, nobody else, and every write on disk before it is answered. `ASSAY_REDIS_URL` points at another. */
export const redis: Part = {
  name: 'redis',
  needs: [],
  version: async () =>
    /v=([\d.]+)/.exec(execFileSync('/usr/bin/redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? '',
  elsewhere: () => process.env['ASSAY_REDIS_URL'],
  start: async (ground) => {
    const folder = join(ground.stateDir, 'redis');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const acl = join(folder, 'users.acl');
    writeFileSync(acl, aclFile(ground), { mode: 0o600 });
    const config = join(folder, 'redis.conf');
    writeFileSync(config, configFile(ground, folder, acl), { mode: 0o600 });
    return startChild({
      ...ground,
      name: 'redis',
      command: '/usr/bin/redis-server',
      args: [config],
      env: { PATH: '/usr/bin:/bin' },
      cwd: folder,
      url: `redis://127.0.0.1:${ground.ports.redis}`,
      isReady: () => pings(ground.ports.redis),
    });
  },
};

/** The URL of one process's own user. */
export function redisUrl(ground: Ground, user: string): string {
  const elsewhere = redis.elsewhere?.();
  if (elsewhere) return elsewhere;
  return `redis://${user}:${ground.secrets(`redis-${user}`)}@127.0.0.1:${ground.ports.redis}`;
}

function aclFile(ground: Ground): string {
  const users = Object.entries(REDIS_USERS).map(([user, rules]) => {
    const hash = createHash('sha256')
      .update(ground.secrets(`redis-${user}`))
      .digest('hex');
    return `user ${user} on #${hash} resetkeys resetchannels ${rules}`;
  });
  return `user default off\n${users.join('\n')}\n`;
}

function configFile(ground: Ground, folder: string, acl: string): string {
  return [
    'bind 127.0.0.1',
    `port ${ground.ports.redis}`,
    `dir "${folder}"`,
    `aclfile "${acl}"`,
    'appendonly yes',
    'appendfsync always',
    'save ""',
    'maxmemory-policy noeviction',
    'timeout 0',
    '',
  ].join('\n');
}

/** It answers once its data is loaded: NOAUTH to anybody, LOADING before. */
function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 }, () => socket.write('PING\r\n'));
    const end = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('data', (data) => end(!data.toString().startsWith('-LOADING')));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
  });
}
