import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hashOf } from '@assay/gateway/persisted/manifest';
import { EXAMPLES } from '../gateway/console/src/graphiql/examples.ts';
import * as demo from '../ops/demo/operations.ts';

const CONSOLE = fileURLToPath(new URL('../gateway/console/src/generated/persisted-documents.json', import.meta.url));
const MANIFEST = fileURLToPath(new URL('persisted-documents.json', import.meta.url));

/**
 * The documents that our own clients ask by, by their identifiers (GraphQL over HTTP, appendix A): the console's as
 * graphql-codegen hashed them, the demo's and GraphiQL's examples as they stand there.
 */
export function generateManifest(): string {
  const generated: Record<string, string> = JSON.parse(readFileSync(CONSOLE, 'utf8'));
  const texts = [...Object.values(generated), ...Object.values(demo), ...EXAMPLES.map(({ query }) => query)];
  const documents = texts.map((text): [string, string] => [`sha256:${hashOf(text)}`, text]);
  const sorted = documents.sort(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const manifest = generateManifest();
  if (!process.argv.includes('--check')) writeFileSync(MANIFEST, manifest);
  else if (readFileSync(MANIFEST, 'utf8') !== manifest) {
    process.stderr.write('persisted-documents.json differs from the operations. Run: npm run codegen\n');
    process.exit(1);
  }
}
