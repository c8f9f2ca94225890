import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What comes from Debian, and the file that tells that it is there. */
const PACKAGES: Readonly<Record<string, string>> = {
  'redis-server': '/usr/bin/redis-server',
  'clamav-daemon': '/usr/sbin/clamd',
  'clamav-freshclam': '/usr/bin/freshclam',
  bubblewrap: '/usr/bin/bwrap',
  chromium: '/usr/bin/chromium',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  'ca-certificates': '/etc/ssl/certs/ca-certificates.crt',
};

/**
 * Installs the Debian packages that are missing, with root or passwordless sudo. Their services are not started: Assay runs its own.
 *
 * @returns the packages that were installed now
 * @throws Error with the one command to run, when it may not
 */
export function installDebianPackages(): string[] {
  const missing = Object.entries(PACKAGES).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  if (missing.length === 0) return [];
  const command = `apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(`Assay needs ${missing.join(', ')}; install them the way this system does.`);
  const prefix = process.getuid?.() === 0 ? [] : sudo();
  if (prefix === null)
    throw new Error(
      `Some parts are missing, and only root may install them. Run this, then start again:\n\n  sudo sh -c '${command}'\n`,
    );
  const [program = 'sh', ...args] = [
    ...prefix,
    'sh',
    '-c',
    `${NO_SERVICES}; ${command}; status=$?; ${SERVICES_AGAIN}; exit $status`,
  ];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (status !== 0) throw new Error(`apt-get failed:\n${`${stdout}${stderr}`.split('\n').slice(-15).join('\n')}`);
  return missing;
}

/** Debian's own switch against starting services at install: policy-rc.d answers 101 ("action forbidden by policy"). */
const NO_SERVICES =
  '[ -e /usr/sbin/policy-rc.d ] || { printf "#!/bin/sh\\nexit 101\\n# assay\\n" > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; }';
const SERVICES_AGAIN = 'grep -qs "^# assay" /usr/sbin/policy-rc.d && rm -f /usr/sbin/policy-rc.d';

function sudo(): string[] | null {
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : null;
}
