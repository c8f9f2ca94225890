import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.ts';
import { lastLines, runTool } from './tool.ts';

/**
 * Generates the Prisma clients into `prisma/generated`, a folder a schema; what is already made from the same schema stays.
 * `prisma generate` wants to download its schema engine and needs none, so it is given the `true` command in its place.
 *
 * @returns whether there was anything to do
 */
export async function generateClients(ending?: AbortSignal): Promise<boolean> {
  const done = await Promise.all(schemas().map((name) => generateClient(name, ending)));
  return done.includes(true);
}

async function generateClient(name: string, ending?: AbortSignal): Promise<boolean> {
  const schema = join(ROOT, 'prisma', name, 'schema.prisma');
  const stamp = join(ROOT, 'prisma', 'generated', name, '.made-from');
  const wanted = createHash('sha256')
    .update(readFileSync(schema))
    .update(readFileSync(join(ROOT, 'prisma', 'package.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  const prisma = join(ROOT, 'prisma', 'node_modules', '.bin', 'prisma');
  const { ok, output } = await runTool(prisma, ['generate', `--schema=${schema}`], {
    cwd: join(ROOT, 'prisma'),
    env: { PRISMA_SCHEMA_ENGINE_BINARY: '/usr/bin/true', PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
    ending,
  });
  if (!ok) throw new Error(`prisma generate failed for ${name}:\n${lastLines(output)}`);
  writeFileSync(stamp, wanted);
  return true;
}

function schemas(): string[] {
  const folders = readdirSync(join(ROOT, 'prisma'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map((entry) => entry.name).filter((name) => existsSync(join(ROOT, 'prisma', name, 'schema.prisma')));
}
