import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { ROOT } from '../paths.ts';

const PATIENCE_MS = 10_000;
const commands: ChildProcess[] = [];

/** The command that is up soonest, as a person starts it; every command that stays is started the same way. */
async function startCommand(): Promise<{ npm: ChildProcess; url: string }> {
  const npm = spawn('npm', ['run', 'router', '--', '--supergraph', 'codegen/supergraph.graphql', '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  commands.push(npm);
  for await (const line of createInterface(npm.stdout)) {
    const url = /http:\S+(?=\/graphql)/.exec(line)?.[0];
    if (url) return { npm, url };
  }
  throw new Error('It ended before it was ready.');
}

async function isGone(url: string): Promise<boolean> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const answers = await fetch(`${url}/health/ready`).then(
      () => true,
      () => false,
    );
    if (!answers) return true;
  }
  return false;
}

afterEach(() => {
  for (const { pid } of commands.splice(0)) {
    try {
      if (pid) process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone, as it should be.
    }
  }
});

it('npm that is told to end waits until everything has ended', { timeout: 30_000 }, async () => {
  const { npm, url } = await startCommand();
  npm.kill('SIGTERM');
  await once(npm, 'exit');
  await expect(fetch(`${url}/health/ready`)).rejects.toThrow();
});

it('npm that is killed leaves nothing running', { timeout: 30_000 }, async () => {
  const { npm, url } = await startCommand();
  npm.kill('SIGKILL');
  expect(await isGone(url)).toBe(true);
});
