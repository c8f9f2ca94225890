import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../paths.ts';

/** What the linter says, by the project's own rules about directions, to one file that imports something. */
function complaintOf(file: string, imported: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-lint-'));
  try {
    const rules = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }));
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import { it } from '${imported}';\n\nexport const again = it;\n`);
    const args = ['lint', '--only=style/noRestrictedImports', '--colors=off', '.'];
    const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules', '.bin', 'biome'), args, {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout + stderr).toContain('Checked 2 files');
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('imports point one way', () => {
  it.each([
    ['a subgraph to another one', 'subgraphs/media/src/schema/asset.ts', '@assay/identity'],
    ['a subgraph to a file of another one', 'subgraphs/media/src/schema/asset.ts', '@assay/identity/seed'],
    [
      'a subgraph to another one, around its name',
      'subgraphs/media/src/schema/asset.ts',
      '../../../identity/src/seed.ts',
    ],
    ['a subgraph to the gateway', 'subgraphs/licensing/src/subgraph.ts', '@assay/gateway/engine/index'],
    ['a subgraph to the edge', 'subgraphs/licensing/src/subgraph.ts', '@assay/edge'],
    ['a package to a subgraph', 'packages/failure/src/failure.ts', '@assay/media'],
    [
      'a package to a subgraph, around its name',
      'packages/failure/src/failure.ts',
      '../../../subgraphs/media/src/index.ts',
    ],
    ['a package to the gateway', 'packages/subgraph/src/handler.ts', '../../../gateway/src/server.ts'],
    ['the database to a subgraph', 'prisma/src/roles.ts', '@assay/identity'],
    ['the domain to an adapter', 'subgraphs/media/src/intake/stages/scan.ts', '../../adapters/clamd.ts'],
    ['the domain to the schema', 'subgraphs/licensing/src/grants/grant.ts', '../schema/license.type.ts'],
    ['the engine to a package of ours', 'gateway/src/engine/planners/hive.ts', '@assay/policy'],
    ['the engine to who the caller is', 'gateway/src/engine/planners/hive.ts', '../../access/port.ts'],
    ['the engine to who the caller is, from its root', 'gateway/src/engine/engine.ts', '../access/port.ts'],
    ['the engine to the doors', 'gateway/src/engine/engine.ts', '../doors/live.ts'],
  ])('never from %s', (_what, file, imported) => {
    expect(complaintOf(file, imported)).toContain('lint/style/noRestrictedImports');
  });

  it.each([
    ['the schema to the domain', 'subgraphs/media/src/schema/asset.resolver.ts', '../assets/find-assets.ts'],
    ['the schema to a policy', 'subgraphs/media/src/schema/asset.resolver.ts', '@assay/policy'],
    ['an adapter to a port', 'subgraphs/media/src/adapters/clamd.ts', '../intake/ports.ts'],
    ['a stage to its ports', 'subgraphs/media/src/intake/stages/scan.ts', '../ports.ts'],
    ['the engine to its own access', 'gateway/src/engine/engine.ts', './access/need.ts'],
    ['the gateway to a subgraph', 'gateway/src/subgraphs.ts', '@assay/media'],
    ['the edge to the form of a grant', 'gateway/edge/src/app.ts', '@assay/licensing/grants/grant'],
  ])('from %s', (_what, file, imported) => {
    expect(complaintOf(file, imported)).not.toContain('noRestrictedImports');
  });
});
