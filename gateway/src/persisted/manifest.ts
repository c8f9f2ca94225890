import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Documents that are known before anybody sends them, by the SHA-256 of their text. */
export type Manifest = ReadonlyMap<string, string>;

export const NO_MANIFEST: Manifest = new Map();

const schema = z.record(z.string(), z.string());

/**
 * Reads a manifest: JSON of texts by `sha256:…`, as code generation writes it.
 *
 * @throws Error when it cannot be read, or a text is not the one that its identifier is made of
 */
export function readManifest(file: string): Manifest {
  const documents = Object.entries(schema.parse(JSON.parse(readFileSync(file, 'utf8'))));
  return new Map(
    documents.map(([id, text]): [string, string] => {
      const hash = hashOf(text);
      if (id !== `sha256:${hash}`) throw new Error(`${file}: ${id} is not the identifier of its text.`);
      return [hash, text];
    }),
  );
}

/** SHA-256 of a text in UTF-8, as hex in lower case (GraphQL over HTTP, appendix A, SHA256 hex document identifier). */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
