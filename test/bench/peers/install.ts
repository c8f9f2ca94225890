import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE_DIR, ROOT } from '../../../ops/run/paths.ts';

/**
 * Installs the gateways that ours is measured against, without their install scripts, once a set of versions.
 *
 * @returns the folder, outside the checkout
 * @throws Error when npm cannot
 */
export function installPeers(): string {
  const manifest = join(ROOT, 'test/bench/peers/package.json');
  const version = createHash('sha256').update(readFileSync(manifest)).digest('hex').slice(0, 12);
  const folder = join(CACHE_DIR, `bench-peers-${version}`);
  const done = join(folder, 'installed');
  if (existsSync(done)) return folder;
  mkdirSync(folder, { recursive: true });
  cpSync(manifest, join(folder, 'package.json'));
  const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  // The npm that came with whatever started this; Node 24 runs it.
  execFileSync('npm', npm, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: pathWithNode() },
  });
  writeFileSync(done, '');
  return folder;
}

function pathWithNode(): string {
  return `${process.env['PATH'] ?? ''}:${dirname(process.execPath)}`;
}
