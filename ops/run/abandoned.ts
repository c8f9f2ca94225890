import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimName, endDatabaseWorkers, endLeftovers, recordedProcess } from './leftovers.ts';

const PREFIX = 'assay-run-';
const OWNER = 'owner';
/** A folder this young may have an owner that is about to say so. */
const YOUNG_MS = 10_000;

/** A folder for the state of a system that lives no longer than this process. */
export function makeRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  claimName(folder, OWNER);
  return folder;
}

/**
 * Ends what test runs left running that were killed themselves, and removes it. What runs for somebody who lives is left alone.
 *
 * @returns how many systems there were
 */
export async function endAbandoned(): Promise<number> {
  const folders = readdirSync(tmpdir())
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(tmpdir(), name))
    .filter((folder) => recordedProcess(folder, OWNER) === null && ageOf(folder) > YOUNG_MS);
  for (const folder of folders) {
    await endLeftovers(folder, OWNER);
    const database = join(folder, 'postgres');
    if (existsSync(database)) await endDatabaseWorkers(database);
    rmSync(folder, { recursive: true, force: true });
  }
  return folders.length;
}

function ageOf(folder: string): number {
  return Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
