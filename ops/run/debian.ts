import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lastLines, runTool } from './tool.ts';

/** Debian packages by name, each with a file that tells that it is there. */
export type Packages = Readonly<Record<string, string>>;

/**
 * Installs the Debian packages that are missing, with root or passwordless sudo. Their services are not started: Assay runs its own.
 *
 * @returns the packages that were installed now
 * @throws Error with the one command to run, when it may not
 */
export async function installDebianPackages(packages: Packages, ending?: AbortSignal): Promise<string[]> {
  const missing = missingOf(packages);
  if (missing.length === 0) return [];
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(
      `These are missing: ${missing.join(', ')}. Install them the way this system does, and start again.`,
    );
  const prefix = process.getuid?.() === 0 ? [] : sudo();
  if (prefix === null)
    throw new Error(
      `Some parts are missing, and only root may install them. Run this, then start again:\n\n  sudo sh -c '${commandFor(missing)}'\n`,
    );
  const [program = 'sh', ...args] = [...prefix, 'sh', '-c', `${NO_START}\n${commandFor(missing)}\n${noBoot(missing)}`];
  const { ok, output } = await runTool(program, args, { ending });
  if (!ok) throw new Error(`apt-get could not install ${missing.join(', ')}:\n${lastLines(output)}`);
  return missing;
}

function missingOf(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
}

function commandFor(missing: readonly string[]): string {
  const wait = '-o DPkg::Lock::Timeout=180';
  const install = `DEBIAN_FRONTEND=noninteractive apt-get ${wait} install -y -q --no-install-recommends ${missing.join(' ')}`;
  return `apt-get ${wait} update -q && ${install}`;
}

/**
 * Debian's own switch against starting services at install: policy-rc.d answers 101, "action forbidden by policy".
 * One that is there already is somebody's decision, and stays.
 */
const NO_START = `
policy=/usr/sbin/policy-rc.d
ours=no
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod +x "$policy" && ours=yes
fi
clear_policy() { if [ "$ours" = yes ]; then rm -f "$policy"; fi; }
trap clear_policy EXIT`;

/** Packages whose service has their name. */
const SERVICES = ['redis-server', 'clamav-daemon', 'clamav-freshclam'];

/** Not started now, the services just installed would still be at the next boot. */
function noBoot(missing: readonly string[]): string {
  const services = missing.filter((name) => SERVICES.includes(name));
  return `
status=$?
if [ "$status" = 0 ] && [ -d /run/systemd/system ]; then
  for unit in ${services.join(' ')}; do systemctl disable "$unit" >/dev/null 2>&1 || true; done
fi
exit "$status"`;
}

function sudo(): string[] | null {
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : null;
}
