import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.ts';
import { lastLines, runTool } from './tool.ts';

const CONSOLE = join(ROOT, 'gateway', 'console');
const NO_SOURCES = new Set(['node_modules', 'dist']);

/** Builds the console with Vite; one that is already built from the same sources stays. @returns whether there was anything to do */
export async function buildConsole(ending?: AbortSignal): Promise<boolean> {
  if (!existsSync(join(CONSOLE, 'vite.config.ts'))) return false;
  const wanted = digestOf(CONSOLE);
  const stamp = join(CONSOLE, 'dist', '.made-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  const vite = join(CONSOLE, 'node_modules', '.bin', 'vite');
  const { ok, output } = await runTool(vite, ['build', '--logLevel', 'warn'], { cwd: CONSOLE, ending });
  if (!ok) throw new Error(`The console could not be built:\n${lastLines(output)}`);
  writeFileSync(stamp, wanted);
  return true;
}

function digestOf(folder: string): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'pnpm-lock.yaml')));
  const visit = (path: string) => {
    for (const name of readdirSync(path).sort()) {
      if (NO_SOURCES.has(name)) continue;
      const file = join(path, name);
      if (statSync(file).isDirectory()) visit(file);
      else hash.update(file.slice(folder.length)).update(readFileSync(file));
    }
  };
  visit(folder);
  return hash.digest('hex');
}
