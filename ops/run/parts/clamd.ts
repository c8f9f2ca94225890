import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Ground, Part } from '../part.ts';
import { ROOT } from '../paths.ts';

/** ClamAV 1.4 of Debian. `ASSAY_CLAMD` (`tcp://host:port` or `unix:/path`) points at another. */
export const clamd: Part = {
  name: 'clamd',
  needs: [],
  version: async () =>
    /ClamAV ([\d.]+)/.exec(execFileSync('/usr/sbin/clamd', ['--version'], { encoding: 'utf8' }))?.[1] ?? '',
  elsewhere: () => process.env['ASSAY_CLAMD'],
  start: async (ground) => {
    const folder = join(ground.stateDir, 'clamd');
    const signatures = join(folder, 'signatures');
    mkdirSync(signatures, { recursive: true, mode: 0o700 });
    copyFileSync(join(ROOT, 'ops/run/signatures/assay.ndb'), join(signatures, 'assay.ndb'));
    takeFreshSignatures(ground, signatures);
    const config = join(folder, 'clamd.conf');
    writeFileSync(config, configFile(ground, folder, signatures), { mode: 0o600 });
    const running = await startChild({
      ...ground,
      name: 'clamd',
      command: '/usr/sbin/clamd',
      args: ['--foreground', `--config-file=${config}`],
      env: { PATH: '/usr/bin:/bin' },
      cwd: folder,
      url: `tcp://127.0.0.1:${ground.ports.clamd}`,
      isReady: () => pongs(ground.ports.clamd),
      patienceMs: 90_000,
    });
    return running;
  },
};

/** Where clamd answers. */
export function clamdUrl(ground: Ground): string {
  return clamd.elsewhere?.() ?? `tcp://127.0.0.1:${ground.ports.clamd}`;
}

/**
 * Without the Alert settings a file over a limit, or one that cannot be opened, answers OK; with them it is a find.
 * StreamMaxLength is above the largest upload.
 */
function configFile(ground: Ground, folder: string, signatures: string): string {
  return [
    'TCPAddr 127.0.0.1',
    `TCPSocket ${ground.ports.clamd}`,
    `DatabaseDirectory ${signatures}`,
    `TemporaryDirectory ${folder}`,
    process.getuid?.() === 0 ? 'User root' : '',
    'StreamMaxLength 128M',
    'MaxScanSize 256M',
    'MaxFileSize 128M',
    'MaxThreads 4',
    'MaxConnectionQueueLength 64',
    'ReadTimeout 30',
    'CommandReadTimeout 30',
    'AlertExceedsMax yes',
    'AlertEncrypted yes',
    // Decodes whole pictures for a hash that none of our signatures uses: a bomb takes it seventeen seconds.
    'ScanImageFuzzyHash no',
    'SelfCheck 600',
    'ConcurrentDatabaseReload no',
    '',
  ].join('\n');
}

/** The signatures that an earlier freshclam brought; and a new freshclam beside the start, which it never holds up. */
function takeFreshSignatures(ground: Ground, signatures: string): void {
  const cache = join(ground.cacheDir, 'clamav');
  mkdirSync(cache, { recursive: true });
  for (const file of readdirSync(cache).filter((name) => /\.c[lv]d$/.test(name)))
    copyFileSync(join(cache, file), join(signatures, file));
  if (process.env['ASSAY_FRESHCLAM'] === 'off' || !existsSync('/usr/bin/freshclam')) return;
  const config = join(ground.stateDir, 'clamd', 'freshclam.conf');
  const user = process.getuid?.() === 0 ? 'DatabaseOwner root\n' : '';
  writeFileSync(
    config,
    `DatabaseDirectory ${cache}\nDatabaseMirror database.clamav.net\n${user}ConnectTimeout 5\nMaxAttempts 1\nForeground yes\n`,
    { mode: 0o600 },
  );
  spawn('/usr/bin/freshclam', [`--config-file=${config}`, '--quiet'], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

function pongs(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 }, () => socket.write('zPING\0'));
    const end = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('data', (data) => end(data.toString().startsWith('PONG')));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
    socket.on('close', () => end(false));
  });
}
