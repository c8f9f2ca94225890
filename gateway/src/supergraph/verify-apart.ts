import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Trial } from './verify.ts';

const ENTRY = fileURLToPath(new URL('verify.main.ts', import.meta.url));
const HERE = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE_MS = 60_000;

const answer = z.object({ problem: z.string().nullable() });

/**
 * Tries a supergraph in a process of its own, whatever that one dies of. It has no environment, and nothing of ours but the trial.
 *
 * @throws Error that says what does not hold
 */
export async function verifyApart(trial: Trial): Promise<void> {
  const child = fork(ENTRY, [], {
    cwd: HERE,
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  try {
    const problem = await new Promise<string | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('message', (told) => resolve(answer.parse(told).problem));
      child.once('exit', (code, signal) => resolve(`The planner ended over it (${signal ?? `code ${code}`}).`));
      child.send(trial);
    });
    if (problem !== null) throw new Error(problem);
  } finally {
    clearTimeout(late);
    child.kill('SIGKILL');
  }
}
