import { rmSync } from 'node:fs';
import { type Caller, createCaller } from '../ops/demo/client.ts';
import { makeRunFolder } from '../ops/run/abandoned.ts';
import { assemble } from '../ops/run/assemble.ts';
import { tokenOf } from '../ops/run/commands/token.ts';
import { urlsOf } from '../ops/run/environment.ts';
import { type GroundOptions, openGround } from '../ops/run/ground.ts';
import type { Ground } from '../ops/run/part.ts';
import { choosePorts } from '../ops/run/ports.ts';
import { SYSTEM_STEPS, systemParts } from '../ops/run/system.ts';

/** A whole system of a test's own, on ports and state of its own. */
export interface TestSystem extends AsyncDisposable {
  readonly ground: Ground;
  /** Of a part that runs here. */
  pid(name: string): number;
  /** Kills a part as a crash would. */
  kill(name: string): Promise<void>;
  /** Ends a part as the launcher does. */
  stop(name: string): Promise<void>;
  /** Starts a part that was killed or stopped. */
  restart(name: string): Promise<void>;
}

/**
 * Starts every part, migrated and seeded, with the demo's accounts. Nothing that dies is started again by itself.
 *
 * ```ts
 * await using system = await startSystem({ settings: { janitor: { ASSAY_JANITOR_INTERVAL_MS: '500' } } });
 * const author = await callerOf(system.ground, 'author@northlight.test');
 * await system.kill('intake');
 * await system.restart('intake');
 * ```
 *
 * @param options `settings`: what a process is told beyond the defaults, by its name; `topology`: `mesh` for a process each subgraph
 */
export async function startSystem(options: Pick<GroundOptions, 'settings' | 'topology'> = {}): Promise<TestSystem> {
  const stateDir = makeRunFolder();
  const ground = openGround({ stateDir, ports: await choosePorts(), ...options });
  // Tests are about our own signatures; nobody's mirror is asked for them.
  const parts = systemParts(ground).filter(({ name }) => name !== 'freshclam');
  const forget = () => rmSync(stateDir, { recursive: true, force: true });
  const assembly = await assemble(
    ground,
    parts.map((part) => ({ ...part, needs: part.needs.filter((need) => need !== 'signatures') })),
    SYSTEM_STEPS.filter(({ name }) => name !== 'signatures'),
  ).catch((error: unknown) => {
    forget();
    throw error;
  });
  const pidOf = (name: string): number => {
    const pid = assembly.running.get(name)?.pid;
    if (!pid) throw new Error(`No part ${name} runs here.`);
    return pid;
  };
  return {
    ground,
    pid: pidOf,
    kill: async (name) => {
      process.kill(-pidOf(name), 'SIGKILL');
      await assembly.running.get(name)?.stop();
    },
    stop: async (name) => void (await assembly.running.get(name)?.stop()),
    restart: async (name) => void (await assembly.restart(name)),
    [Symbol.asyncDispose]: async () => {
      await assembly.stop();
      forget();
    },
  };
}

/** Signs an account in and speaks for it. */
export async function callerOf(ground: Ground, email: string): Promise<Caller> {
  return createCaller(`${urlsOf(ground).gateway}/graphql`, email, await tokenOf(ground, email));
}
