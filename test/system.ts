import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Caller, createCaller } from '../ops/demo/client.ts';
import { assemble } from '../ops/run/assemble.ts';
import { tokenOf } from '../ops/run/commands/token.ts';
import { urlsOf } from '../ops/run/environment.ts';
import type { Ground, Part, Running } from '../ops/run/part.ts';
import { CACHE_DIR, ROOT } from '../ops/run/paths.ts';
import { choosePorts } from '../ops/run/ports.ts';
import { openSecrets } from '../ops/run/secrets.ts';
import { SYSTEM_PARTS, SYSTEM_STEPS } from '../ops/run/system.ts';

/** A whole system of a test's own, on ports and state of its own. */
export interface TestSystem extends AsyncDisposable {
  readonly ground: Ground;
  /** Kills a part as a crash would. */
  kill(name: string): Promise<void>;
  /** Starts a part that was killed. */
  restart(name: string): Promise<void>;
}

/** Starts every part, migrated and seeded, with the demo's accounts. */
export async function startSystem(): Promise<TestSystem> {
  const stateDir = mkdtempSync(join(tmpdir(), 'assay-system-'));
  const ground: Ground = {
    root: ROOT,
    stateDir,
    cacheDir: CACHE_DIR,
    ports: await choosePorts(),
    secrets: openSecrets(stateDir),
  };
  const assembly = await assemble(ground, SYSTEM_PARTS, SYSTEM_STEPS, () => undefined);
  const running = new Map<string, Running>(assembly.running);
  const partOf = (name: string): Part => {
    const part = SYSTEM_PARTS.find((each) => each.name === name);
    if (!part) throw new Error(`No part is called ${name}.`);
    return part;
  };
  return {
    ground,
    kill: async (name) => {
      const pid = running.get(name)?.pid;
      if (pid) process.kill(-pid, 'SIGKILL');
      await running.get(name)?.stop();
    },
    restart: async (name) => void running.set(name, await partOf(name).start(ground)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.values()].map((part) => part.stop()));
      await assembly.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Signs an account in and speaks for it. */
export async function callerOf(ground: Ground, email: string): Promise<Caller> {
  return createCaller(`${urlsOf(ground).gateway}/graphql`, email, await tokenOf(ground, email));
}
