import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Ground, Part } from '../part.ts';

const OWN_SIGNATURES = 'assay.ndb';

/** ClamAV 1.4 of Debian, over our own signatures and whatever freshclam brought. */
export const clamd: Part = {
  name: 'clamd',
  needs: [],
  packages: () => ({
    'clamav-daemon': '/usr/sbin/clamd',
    'clamav-freshclam': '/usr/bin/freshclam',
    'ca-certificates': '/etc/ssl/certs/ca-certificates.crt',
  }),
  version: async () =>
    /ClamAV ([\d.]+)/.exec(execFileSync('/usr/sbin/clamd', ['--version'], { encoding: 'utf8' }))?.[1] ?? '',
  elsewhere: (ground) => ground.elsewhere.clamd,
  start: async (ground) => {
    const { folder, signatures, config } = clamdFiles(ground);
    mkdirSync(signatures, { recursive: true, mode: 0o700 });
    copyFileSync(join(ground.root, 'ops', 'run', 'signatures', OWN_SIGNATURES), join(signatures, OWN_SIGNATURES));
    writeFileSync(config, configFile(ground), { mode: 0o600 });
    return startChild({
      ...ground,
      name: 'clamd',
      command: '/usr/sbin/clamd',
      args: ['--foreground', `--config-file=${config}`],
      env: { PATH: '/usr/bin:/bin' },
      cwd: folder,
      url: clamdUrl(ground),
      isReady: () => pongs(ground.ports.clamd),
      // With all of ClamAV's own signatures it reads for half a minute.
      patienceMs: 120_000,
    });
  },
};

/** Where clamd answers. */
export function clamdUrl(ground: Ground): string {
  return ground.elsewhere.clamd ?? `tcp://127.0.0.1:${ground.ports.clamd}`;
}

/** Where clamd's things are. */
export function clamdFiles(ground: Ground) {
  const folder = join(ground.stateDir, 'clamd');
  return { folder, signatures: join(folder, 'signatures'), config: join(folder, 'clamd.conf') };
}

/**
 * Without the Alert settings a file over a limit, or one that cannot be opened, answers OK; with them it is a find.
 * StreamMaxLength is above the largest upload.
 */
function configFile(ground: Ground): string {
  const { folder, signatures } = clamdFiles(ground);
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
    // It goes on answering while it reads new signatures.
    'ConcurrentDatabaseReload yes',
    '',
  ].join('\n');
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
