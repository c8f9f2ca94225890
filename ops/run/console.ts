import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.ts';

const CONSOLE = join(ROOT, 'gateway', 'console');

/** Builds the console with Vite; one that is already built from the same sources stays. */
export async function buildConsole(): Promise<void> {
  if (!existsSync(join(CONSOLE, 'vite.config.ts'))) return;
  const wanted = digestOf(CONSOLE);
  const stamp = join(CONSOLE, 'dist', '.made-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const { status, stdout, stderr } = spawnSync(
    join(CONSOLE, 'node_modules', '.bin', 'vite'),
    ['build', '--logLevel', 'warn'],
    { cwd: CONSOLE, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The console could not be built:\n${stdout}${stderr}`);
  writeFileSync(stamp, wanted);
}

function digestOf(folder: string): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'pnpm-lock.yaml')));
  const visit = (path: string) => {
    for (const name of readdirSync(path).sort()) {
      if (name === 'node_modules' || name === 'dist') continue;
      const file = join(path, name);
      if (statSync(file).isDirectory()) visit(file);
      else hash.update(file.slice(folder.length)).update(readFileSync(file));
    }
  };
  visit(folder);
  return hash.digest('hex');
}
