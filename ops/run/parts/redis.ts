import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Ground, Part } from '../part.ts';
import { aclFile, REDIS_USERS, type RedisUser } from './redis-access.ts';

/** Redis 7 of Debian: an ACL user a process, nobody else, and every write on disk before it is answered. */
export const redis: Part = redisPart(REDIS_USERS);

/** @param rulesOf the users there are to be; a test has one more, to look with */
export function redisPart(rulesOf: Readonly<Record<string, string>>): Part {
  return {
    name: 'redis',
    needs: [],
    packages: () => ({ 'redis-server': '/usr/bin/redis-server' }),
    version: async () =>
      /v=([\d.]+)/.exec(execFileSync('/usr/bin/redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? '',
    elsewhere: (ground) => ground.elsewhere.redis?.('gateway'),
    start: async (ground) => {
      const folder = join(ground.stateDir, 'redis');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const acl = join(folder, 'users.acl');
      writeFileSync(acl, aclFile(ground.secrets, rulesOf), { mode: 0o600 });
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
}

/** The URL of one process's own user. */
export function redisUrl(ground: Ground, user: RedisUser): string {
  const own = () => `redis://${user}:${ground.secrets(`redis-${user}`)}@127.0.0.1:${ground.ports.redis}`;
  return ground.elsewhere.redis?.(user) ?? own();
}

function configFile(ground: Ground, folder: string, acl: string): string {
  return [
    'bind 127.0.0.1',
    `port ${ground.ports.redis}`,
    `dir "${folder}"`,
    `aclfile "${acl}"`,
    'appendonly yes',
    'appendfsync always',
    // A journal that a crash cut short is read up to there: nothing after it was ever answered.
    'aof-load-truncated yes',
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
    socket.on('close', () => end(false));
  });
}
