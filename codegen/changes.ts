import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { changesBetween } from '@assay/gateway/supergraph/changes';

const CURRENT = fileURLToPath(new URL('schema.graphql', import.meta.url));
/** The public schema that clients were given last. */
const RELEASED = fileURLToPath(new URL('released.graphql', import.meta.url));

// Shows what the next release changes for clients of the last one; with --release the schema of now becomes the last one.
if (process.argv.includes('--release')) copyFileSync(CURRENT, RELEASED);
const { breaking, dangerous } = changesBetween(readFileSync(RELEASED, 'utf8'), readFileSync(CURRENT, 'utf8'));
for (const change of breaking) process.stdout.write(`breaking   ${change}\n`);
for (const change of dangerous) process.stdout.write(`dangerous  ${change}\n`);
process.stdout.write(
  breaking.length + dangerous.length === 0
    ? 'Clients of the last released schema notice nothing.\n'
    : `Since the last released schema: ${breaking.length} breaking changes, ${dangerous.length} dangerous ones.\n`,
);
