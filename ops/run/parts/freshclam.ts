import { execFileSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Ground, Part } from '../part.ts';
import { clamdFiles } from './clamd.ts';

const MIRROR = 'database.clamav.net';
const DATABASE = /\.c[lv]d$/;

/**
 * Brings ClamAV's own signatures into clamd's folder, beside everything else and as often as the mirror likes, and tells clamd.
 * Where no mirror answers it tries again later; scanning then lives by our own signatures, which evidence says.
 */
export const freshclam: Part = {
  name: 'freshclam',
  needs: ['clamd'],
  isOptional: true,
  packages: () => ({ 'clamav-freshclam': '/usr/bin/freshclam' }),
  version: async () =>
    /ClamAV ([\d.]+)/.exec(execFileSync('/usr/bin/freshclam', ['--version'], { encoding: 'utf8' }))?.[1] ?? '',
  start: async (ground) => {
    const { folder, signatures, config } = clamdFiles(ground);
    const own = join(folder, 'freshclam.conf');
    const lines = [
      `DatabaseDirectory ${signatures}`,
      `DatabaseMirror ${MIRROR}`,
      `NotifyClamd ${config}`,
      process.getuid?.() === 0 ? 'DatabaseOwner root' : '',
      'Checks 12',
      'ConnectTimeout 10',
      'MaxAttempts 1',
      '',
    ];
    writeFileSync(own, lines.join('\n'), { mode: 0o600 });
    return startChild({
      ...ground,
      name: 'freshclam',
      command: '/usr/bin/freshclam',
      args: ['--daemon', '--foreground', '--stdout', `--config-file=${own}`],
      env: { PATH: '/usr/bin:/bin' },
      cwd: folder,
      url: '',
      // Nobody waits for it.
      isReady: () => true,
      graceMs: 1_000,
    });
  },
};

/** Before clamd reads its folder: each database stands in the cache too, so that a new checkout does not fetch it again. */
export async function shareSignatures(ground: Ground): Promise<void> {
  copyNewer(clamdFiles(ground).signatures, cacheOf(ground));
  copyNewer(cacheOf(ground), clamdFiles(ground).signatures);
}

function cacheOf(ground: Ground): string {
  return join(ground.cacheDir, 'clamav');
}

/** By link where it can be: hundreds of megabytes stand once on a disk. freshclam writes a new file and never into an old one. */
function copyNewer(from: string, to: string): void {
  for (const folder of [from, to]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(from).filter((file) => DATABASE.test(file))) {
    if (changedAt(join(to, name)) >= changedAt(join(from, name))) continue;
    const draft = join(to, `.draft-${process.pid}-${name}`);
    rmSync(draft, { force: true });
    linkOrCopy(join(from, name), draft);
    renameSync(draft, join(to, name));
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system.
    cpSync(from, to, { preserveTimestamps: true });
  }
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
