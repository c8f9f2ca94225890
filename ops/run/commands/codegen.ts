import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { generateClients } from '../generate.ts';
import { ROOT } from '../paths.ts';

/** `npm run codegen`: everything that is generated and kept, from the code. */
export async function codegen(_args: readonly string[]): Promise<number> {
  await generateClients();
  for (const [program, args] of [
    ['tsx', ['codegen/compose.ts']],
    ['graphql-codegen', ['--config', 'codegen.ts']],
    ['tsx', ['codegen/persisted.ts']],
  ] as const) {
    const { status } = spawnSync(join(ROOT, 'node_modules', '.bin', program), args, { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}
