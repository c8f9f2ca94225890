import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, utimesSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { endAbandoned } from '../abandoned.ts';

const PARTS = fileURLToPath(new URL('../../../test/parts.ts', import.meta.url));
const SCRIPT = `const { startParts } = await import(${JSON.stringify(PARTS)});
  const { ground } = await startParts(['redis']);
  console.log(JSON.stringify({ folder: ground.stateDir, port: ground.ports.redis }));
  setInterval(() => undefined, 1000);`;

interface Made {
  readonly run: ChildProcess;
  readonly folder: string;
  readonly port: number;
}

const made: Made[] = [];

async function startRun(): Promise<Made> {
  const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(run.stdout), 'line')) as [string];
  const it = { run, ...(JSON.parse(line) as { folder: string; port: number }) };
  made.push(it);
  return it;
}

async function killRun({ run, folder }: Made): Promise<void> {
  if (run.exitCode === null && run.signalCode === null) {
    run.kill('SIGKILL');
    await once(run, 'exit');
  }
  // As if it had been a while ago.
  if (existsSync(folder)) utimesSync(folder, new Date(0), new Date(0));
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== null));
    socket.once('error', () => resolve(false));
  });

afterEach(async () => {
  for (const each of made.splice(0)) await killRun(each);
  await endAbandoned();
});

it('what a killed test run left running is ended by the next one, and nothing of a run that lives', async () => {
  const [killed, alive] = await Promise.all([startRun(), startRun()]);
  await killRun(killed);
  utimesSync(alive.folder, new Date(0), new Date(0));
  expect([await answers(killed.port), await answers(alive.port)]).toEqual([true, true]);
  await endAbandoned();
  expect([await answers(killed.port), await answers(alive.port)]).toEqual([false, true]);
  expect([existsSync(killed.folder), existsSync(alive.folder)]).toEqual([false, true]);
});
