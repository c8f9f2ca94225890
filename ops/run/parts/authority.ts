import { join } from 'node:path';
import { createAuthority, type Purpose, writeCredentials } from '../authority.ts';
import type { Ground, Part } from '../part.ts';

/** Who shows a certificate in a mesh, and what for. */
const HOLDERS: Readonly<Record<string, Purpose>> = {
  gateway: 'client',
  identity: 'server',
  media: 'server',
  licensing: 'server',
  compliance: 'server',
};

const LIFETIME_S = 3_600;

/**
 * The authority of a mesh, in the launcher's own process: gives each process its certificate, and another one long before that ends.
 * Its key is nowhere but in memory; it is made anew at each start, when every process is.
 */
export const authority: Part = {
  name: 'authority',
  needs: [],
  version: async (ground) => `${lifetimeOf(ground)} s`,
  start: async (ground) => {
    const authority = await createAuthority();
    const lifetimeMs = lifetimeOf(ground) * 1_000;
    const issueAll = () =>
      Promise.all(
        Object.entries(HOLDERS).map(async ([name, purpose]) =>
          writeCredentials(credentialsOf(ground, name), await authority.issue(name, purpose, lifetimeMs)),
        ),
      );
    await issueAll();
    // Who is not reached now keeps the old one for two thirds of its life.
    const timer = setInterval(() => void issueAll().catch(() => undefined), lifetimeMs / 3).unref();
    return {
      pid: null,
      url: join(ground.stateDir, 'mesh'),
      ended: new Promise(() => undefined),
      stop: async () => clearInterval(timer),
    };
  },
};

/** The folder with a process's own credentials. */
export function credentialsOf({ stateDir }: Ground, name: string): string {
  return join(stateDir, 'mesh', name);
}

function lifetimeOf(ground: Ground): number {
  return Number(ground.settings?.['authority']?.['ASSAY_MESH_CERTIFICATE_S'] ?? LIFETIME_S);
}
