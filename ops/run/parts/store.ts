import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Ground, Part } from '../part.ts';
import { prepareBuckets, writeUsers } from './store-access.ts';
import { buildStore, goPackages, STORE_VERSION, storeBinary } from './store-binary.ts';

/** versitygw: a real S3 server over a local folder. */
export const store: Part = {
  name: 'store',
  needs: [],
  packages: (ground) => (existsSync(storeBinary(ground)) ? {} : goPackages(ground)),
  install: async (ground) => {
    if (existsSync(storeBinary(ground))) return false;
    await buildStore(ground);
    return true;
  },
  version: async () => STORE_VERSION,
  elsewhere: (ground) => ground.elsewhere.store?.url,
  start: async (ground) => {
    const folder = join(ground.stateDir, 'store');
    const [objects, versions, iam] = ['objects', 'versions', 'iam'].map((name) => join(folder, name));
    for (const path of [objects, versions, iam]) mkdirSync(String(path), { recursive: true, mode: 0o700 });
    writeUsers(String(iam), ground.secrets);
    const url = storeUrl(ground);
    const running = await startChild({
      ...ground,
      name: 'store',
      command: storeBinary(ground),
      args: [
        ...['--port', `127.0.0.1:${ground.ports.store}`, '--iam-dir', String(iam), '--health', '/health', '--quiet'],
        ...['posix', '--versioning-dir', String(versions), String(objects)],
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

/** Where the object store answers. */
export function storeUrl(ground: Ground): string {
  return ground.elsewhere.store?.url ?? `http://127.0.0.1:${ground.ports.store}`;
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
