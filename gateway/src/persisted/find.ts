import { type Failure, failure } from '@assay/failure';
import { LRUCache } from 'lru-cache';
import type { Documents, Prepared } from '../documents.ts';
import type { GraphqlParams } from '../doors/params.ts';
import type { AutomaticDocuments } from './automatic.ts';
import { hashOf, type Manifest, NO_MANIFEST } from './manifest.ts';

export interface PersistedOptions {
  readonly manifest: Manifest;
  /** Null: nobody registers a document. */
  readonly automatic: AutomaticDocuments | null;
  /** Whether what is not in the manifest is refused. */
  readonly onlyListed: boolean;
  /** Gets why documents could not be read or kept; requests go on without. */
  report(what: string, error: unknown): void;
}

export const NOTHING_PERSISTED: PersistedOptions = {
  manifest: NO_MANIFEST,
  automatic: null,
  onlyListed: false,
  report: () => undefined,
};

/**
 * Finds the document that a request asks for: by its text, by `documentId` (GraphQL over HTTP, appendix A), or by
 * `extensions.persistedQuery` (Apollo's automatic persisted queries).
 *
 * @throws Failure PERSISTED_QUERY_NOT_FOUND when nothing is kept under the identifier, or it is not listed where only that is taken;
 *   BAD_USER_INPUT when an identifier is none or belongs to another text, or there is neither
 */
export type FindDocument = (params: GraphqlParams) => Promise<Prepared>;

/** A failure after which a client of Apollo's protocol sends the text; the message is part of the protocol. */
export const NOT_FOUND = 'PersistedQueryNotFound';

const MAX_KNOWN = 1_000;
/** A store that does not answer is not asked by every request: a text that is not found is sent again. */
const AWAY_MS = 2_000;
const MAX_KNOWN_CHARACTERS = 16 * 1024 * 1024;

export function createFindDocument(documents: Documents, options: PersistedOptions = NOTHING_PERSISTED): FindDocument {
  const { manifest, onlyListed, report } = options;
  const automatic = onlyListed ? null : options.automatic;
  const listed = new Set(manifest.values());
  /** What was read or kept lately: a text that has a hash has it for ever. */
  const known = new LRUCache<string, string>({
    max: MAX_KNOWN,
    maxSize: MAX_KNOWN_CHARACTERS,
    sizeCalculation: (text) => text.length + 1,
  });

  let awayUntil = 0;
  const away = (what: string) => (error: unknown) => {
    awayUntil = Date.now() + AWAY_MS;
    report(what, error);
  };
  const reachable = () => (Date.now() < awayUntil ? null : automatic);

  const textOf = async (hash: string): Promise<string | null> => {
    const found = manifest.get(hash) ?? known.get(hash);
    if (found !== undefined) return found;
    const text = await reachable()?.read(hash).catch(away('a document could not be looked up'));
    // Whoever can write Redis still cannot choose what a hash stands for.
    if (!text || hashOf(text) !== hash) return null;
    known.set(hash, text);
    return text;
  };

  const keep = (hash: string, text: string) => {
    if (known.has(hash) || manifest.has(hash)) return;
    reachable()
      ?.write(hash, text)
      .then(() => void known.set(hash, text), away('a document could not be kept'));
  };

  return async (params) => {
    const { query } = params;
    const asked = identifierOf(params);
    if (!query) {
      if (!asked) throw failure('BAD_USER_INPUT', 'The request has neither a query nor a documentId.');
      const text = await textOf(asked.hash);
      if (text === null) throw asked.notFound();
      return documents(text);
    }
    if (asked && hashOf(query) !== asked.hash)
      throw failure('BAD_USER_INPUT', 'The identifier of the document is not that of its text.');
    if (onlyListed && !listed.has(query))
      throw failure(
        'PERSISTED_QUERY_NOT_FOUND',
        'Only documents that are listed are answered here; this is none of them.',
      );
    const prepared = documents(query);
    if (asked?.isAutomatic && !('errors' in prepared)) keep(asked.hash, query);
    return prepared;
  };
}

interface Identifier {
  readonly hash: string;
  /** Whether a text that comes with it is to be kept. */
  readonly isAutomatic: boolean;
  notFound(): Failure;
}

function identifierOf({ documentId, extensions }: GraphqlParams): Identifier | null {
  if (documentId !== undefined) return ofDocumentId(documentId);
  const { persistedQuery } = extensions;
  return persistedQuery === undefined || persistedQuery === null ? null : ofExtension(persistedQuery);
}

function ofDocumentId(documentId: string): Identifier {
  const notFound = () => failure('PERSISTED_QUERY_NOT_FOUND', `No document is known as ${documentId}.`);
  if (!/^[\w.~-]+(:[\w.~-]+)?$/.test(documentId) || documentId.length > 200)
    throw failure('BAD_USER_INPUT', 'A documentId is sha256: and 64 digits of hex in lower case.');
  const [, hash] = /^sha256:([\da-f]{64})$/.exec(documentId) ?? [];
  // Identifiers of other kinds are well formed, and nobody has given any.
  if (hash === undefined) throw notFound();
  return { hash, isAutomatic: false, notFound };
}

function ofExtension(value: unknown): Identifier {
  const { version, sha256Hash } = isRecord(value) ? value : {};
  if (version !== 1) throw failure('BAD_USER_INPUT', 'Of persistedQuery there is version 1.');
  if (typeof sha256Hash !== 'string') throw failure('BAD_USER_INPUT', 'persistedQuery has a sha256Hash.');
  const notFound = () => failure('PERSISTED_QUERY_NOT_FOUND', NOT_FOUND);
  if (!/^[\da-f]{64}$/.test(sha256Hash)) throw notFound();
  return { hash: sha256Hash, isAutomatic: true, notFound };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
