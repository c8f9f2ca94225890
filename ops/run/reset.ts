import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { endLeftovers } from './leftovers.ts';

/**
 * Starts over: ends what still runs of a state and deletes it, all but the records of who runs.
 *
 * @param isSure nobody is asked
 * @param keep the record of whoever asks
 * @returns whether it is gone: false when the answer was no
 * @throws Error when nobody can be asked, or the folder is none of ours
 */
export async function resetState(stateDir: string, isSure: boolean, keep: string): Promise<boolean> {
  if (!isSure && !(await confirm())) return false;
  if (!existsSync(stateDir)) return true;
  // A wrong path in the environment must not cost anybody anything.
  const entries = readdirSync(stateDir).filter((name) => name !== 'run');
  if (entries.length > 0 && !entries.includes('secrets'))
    throw new Error(`${stateDir} holds no state of Assay, so it is left as it is.`);
  await endLeftovers(stateDir, keep);
  for (const name of entries) rmSync(join(stateDir, name), { recursive: true, force: true });
  return true;
}

async function confirm(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Error('Starting over deletes every asset, licence and audit entry. Say so: npm start -- --reset --yes');
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asking.question(
    'This deletes every asset, licence and audit entry of this checkout. Type "yes" to go on: ',
  );
  asking.close();
  return answer.trim() === 'yes';
}
