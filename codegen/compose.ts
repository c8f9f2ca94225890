import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as compliance from '@assay/compliance';
import { composeSupergraph } from '@assay/gateway/compose';
import { createHivePlanner } from '@assay/gateway/engine/index';
import { publicSchema } from '@assay/gateway/engine/public-schema';
import * as identity from '@assay/identity';
import * as licensing from '@assay/licensing';
import * as media from '@assay/media';
import { printSchema } from 'graphql';

const folder = dirname(fileURLToPath(import.meta.url));

/** The four subgraphs, by the names that the supergraph gives them. */
const SUBGRAPHS = { identity, media, licensing, compliance };

/** Every generated schema file, by its name in this folder. */
export async function generateSchemas(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const sdl: Record<string, string> = {};
  for (const [name, subgraph] of Object.entries(SUBGRAPHS)) {
    sdl[name] = await subgraph.printSdl();
    files.set(`subgraphs/${name}.graphql`, `${sdl[name]?.trim()}\n`);
  }
  const supergraph = composeSupergraph(sdl);
  files.set('supergraph.graphql', `${supergraph.trim()}\n`);
  files.set('schema.graphql', `${printSchema(publicSchema(createHivePlanner(supergraph).publicSdl)).trim()}\n`);
  return files;
}

/**
 * Writes the files, or with `check` only tells which differ from what the code says.
 *
 * @returns the names of the files that differ
 */
export async function writeSchemas(check: boolean): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const [name, content] of await generateSchemas()) {
    const file = join(folder, name);
    if (current(file) === content) continue;
    stale.push(name);
    if (check) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return stale;
}

function current(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const stale = await writeSchemas(check);
  if (check && stale.length > 0) {
    process.stderr.write(`Generated files differ from the code: ${stale.join(', ')}. Run: npm run codegen\n`);
    process.exit(1);
  }
}
