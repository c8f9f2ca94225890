import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { generateClients } from '../generate.ts';
import { ROOT } from '../paths.ts';

/** `npm run codegen`: everything that is generated and kept, from the code. With `--release` its public schema becomes the released one. */
export async function codegen(args: readonly string[]): Promise<number> {
  await generateClients();
  for (const [program, options] of [
    ['tsx', ['codegen/compose.ts']],
    ['graphql-codegen', ['--config', 'codegen.ts']],
    ['tsx', ['codegen/persisted.ts']],
    ['tsx', ['codegen/changes.ts', ...args.filter((each) => each === '--release')]],
  ] as const) {
    const { status } = spawnSync(join(ROOT, 'node_modules', '.bin', program), options, { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}
