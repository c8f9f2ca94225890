import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.ts';

/**
 * Generates the Prisma clients into `prisma/generated`, a folder a schema; what is already made from the same schema stays.
 * `prisma generate` wants to download its schema engine and needs none, so it is given the `true` command in its place.
 */
export async function generateClients(): Promise<void> {
  for (const name of schemas()) {
    const schema = join(ROOT, 'prisma', name, 'schema.prisma');
    const wanted = createHash('sha256')
      .update(readFileSync(schema))
      .update(readFileSync(join(ROOT, 'prisma', 'package.json')))
      .digest('hex');
    const stamp = join(ROOT, 'prisma', 'generated', name, '.made-from');
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) continue;
    const { status, stdout, stderr } = spawnSync(
      join(ROOT, 'prisma', 'node_modules', '.bin', 'prisma'),
      ['generate', `--schema=${schema}`],
      {
        cwd: join(ROOT, 'prisma'),
        encoding: 'utf8',
        env: {
          ...process.env,
          PRISMA_SCHEMA_ENGINE_BINARY: '/usr/bin/true',
          PRISMA_HIDE_UPDATE_MESSAGE: '1',
          CHECKPOINT_DISABLE: '1',
        },
      },
    );
    if (status !== 0) throw new Error(`prisma generate failed for ${name}:\n${stdout}${stderr}`);
    writeFileSync(stamp, wanted);
  }
}

function schemas(): string[] {
  const folders = readdirSync(join(ROOT, 'prisma'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map((entry) => entry.name).filter((name) => existsSync(join(ROOT, 'prisma', name, 'schema.prisma')));
}
