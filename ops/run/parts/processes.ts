import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import { environmentOf, type ProcessName, urlsOf } from '../environment.ts';
import type { Ground, Part } from '../part.ts';

/** A process of ours: its entry, what it needs, where it answers. */
interface Entry {
  readonly file: string;
  readonly needs: readonly string[];
  url(ground: Ground): string;
}

const DATA = ['postgres', 'redis', 'store'];
const ENTRIES: Readonly<Record<ProcessName, Entry>> = {
  oidc: {
    file: 'subgraphs/identity/src/workers/provider.main.ts',
    needs: ['postgres', 'redis'],
    url: (ground) => urlsOf(ground).issuer,
  },
  intake: {
    file: 'subgraphs/media/src/workers/intake.main.ts',
    needs: [...DATA, 'clamd'],
    url: (ground) => urlsOf(ground).worker,
  },
  moderation: {
    file: 'subgraphs/media/src/workers/moderation.main.ts',
    needs: DATA,
    url: (ground) => urlsOf(ground).moderation,
  },
  janitor: { file: 'subgraphs/media/src/workers/janitor.main.ts', needs: DATA, url: () => '' },
  redemptions: {
    file: 'subgraphs/compliance/src/workers/redemptions.main.ts',
    needs: ['postgres', 'redis'],
    url: () => '',
  },
  edge: { file: 'gateway/edge/src/main.ts', needs: ['redis', 'store'], url: (ground) => urlsOf(ground).edge },
  gateway: { file: 'gateway/src/main.ts', needs: DATA, url: (ground) => urlsOf(ground).gateway },
};

/** Processes of ours, each with an environment of its own and no other. Ready when it says so itself. */
export function processPart(name: ProcessName): Part {
  const entry = ENTRIES[name];
  return {
    name,
    needs: entry.needs,
    version: async ({ root }) =>
      (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    ...(name === 'oidc' ? { elsewhere: () => process.env['ASSAY_OIDC_ISSUER'] } : {}),
    start: (ground) => {
      const log = join(ground.stateDir, 'logs', `${name}.log`);
      return startChild({
        ...ground,
        name,
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', '--import', 'tsx', join(ground.root, entry.file)],
        cwd: ground.root,
        env: environmentOf(ground, name),
        url: entry.url(ground),
        isReady: async () => existsSync(log) && readFileSync(log, 'utf8').includes('"msg":"ready"'),
        patienceMs: 60_000,
      });
    },
  };
}

/** In the order in which `npm start` lists them. */
export const OWN_PARTS: readonly Part[] = (
  ['oidc', 'moderation', 'intake', 'janitor', 'redemptions', 'edge', 'gateway'] as const
).map(processPart);
