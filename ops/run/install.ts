import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildConsole } from './console.ts';
import { installDebianPackages, type Packages } from './debian.ts';
import { generateClients } from './generate.ts';
import { openGround } from './ground.ts';
import type { Ground, Part } from './part.ts';
import { DEFAULT_PORTS } from './ports.ts';
import { createProgress, type Progress } from './progress.ts';
import { systemParts } from './system.ts';

/** What only tests need: a browser. */
const BROWSER: Packages = { chromium: '/usr/bin/chromium' };

/** Everything that any test may start. */
export async function installForTests(): Promise<void> {
  using progress = createProgress();
  const ground = openGround({ stateDir: mkdtempSync(join(tmpdir(), 'assay-install-')), ports: DEFAULT_PORTS });
  try {
    await install(ground, systemParts(ground), progress, BROWSER);
  } finally {
    rmSync(ground.stateDir, { recursive: true });
  }
}

/**
 * Brings what is missing: Debian packages, the parts' own tools, generated clients, the console. What does not wait for
 * another goes on beside it.
 *
 * @param extra Debian packages beyond the parts' own
 * @throws Error with the one thing to do
 */
export async function install(
  ground: Ground,
  parts: readonly Part[],
  progress: Progress,
  extra: Packages = {},
): Promise<void> {
  const own = parts.filter((part) => part.elsewhere?.(ground) === undefined);
  const packages = Object.assign({}, ...own.map((part) => part.packages?.(ground) ?? {}), extra);
  const debian = progress.during('debian', installDebianPackages(packages, ground.ending), (names) =>
    names.length > 0 ? `installed ${names.join(', ')}` : null,
  );
  const made = (name: string, work: Promise<boolean>) =>
    progress.during(name, work, (isNew) => (isNew ? 'made' : null));
  const tools = own.flatMap((part) => {
    const { install: bring } = part;
    // A tool that is built with Debian's packages comes after them.
    const first = Object.keys(part.packages?.(ground) ?? {}).length > 0 ? debian : Promise.resolve();
    return bring
      ? [
          made(
            part.name,
            first.then(() => bring(ground)),
          ),
        ]
      : [];
  });
  const results = await Promise.allSettled([
    debian,
    ...tools,
    made('clients', generateClients(ground.ending)),
    made('console', buildConsole(ground.ending)),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
