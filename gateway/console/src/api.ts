import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, print } from 'graphql';
import { createClient } from 'graphql-sse';

/** Who is signed in, as `GET /session` tells it. */
export interface Session {
  readonly csrf: string | null;
  readonly user: SessionUser | null;
  readonly expiresAt: string | null;
}

export interface SessionUser {
  readonly id: string;
  readonly displayName: string;
  readonly handle: string;
  readonly email: string | null;
  readonly roles: readonly string[];
  readonly tenant: { readonly id: string; readonly slug: string; readonly name: string; readonly tier: string };
}

/** An error as the gateway words it: a code to act on, and the request's id for a report. */
export class ApiError extends Error {
  readonly code: string;
  readonly requestId: string | null;

  constructor(message: string, code: string, requestId: string | null) {
    super(message);
    this.code = code;
    this.requestId = requestId;
  }
}

let current: Session = { csrf: null, user: null, expiresAt: null };
const listeners = new Set<(session: Session) => void>();

/** Tells of the session each time it was loaded. @returns what stops telling */
export function onSession(listener: (session: Session) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The token of the session, for requests that are made elsewhere. */
export function csrfHeaders(): Record<string, string> {
  return current.csrf ? { 'x-assay-csrf': current.csrf } : {};
}

/**
 * Loads the session of this browser; everything else sends its token along. The browser's tabs share the session, so that
 * somebody else may be signed in by now.
 */
export async function loadSession(): Promise<Session> {
  const answer = await fetch('/session', { headers: { accept: 'application/json' } });
  if (!answer.ok)
    throw new ApiError(
      'The gateway cannot tell who is signed in.',
      'UPSTREAM_UNAVAILABLE',
      answer.headers.get('x-request-id'),
    );
  current = (await answer.json()) as Session;
  for (const listener of listeners) listener(current);
  return current;
}

/** Whether a request was refused because its session is over here, and another one has begun in another tab. */
async function isOfAnotherSession(code: string, message: string): Promise<boolean> {
  if (code !== 'FORBIDDEN' || !message.includes('x-assay-csrf')) return false;
  const before = current.csrf;
  return (await loadSession()).csrf !== before;
}

interface GraphqlAnswer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A gateway of another age than this page may not know the page's documents: then their texts go along. */
let isKnownByName = true;

/** What names a document: the identifier that code generation gave it (GraphQL over HTTP, appendix A), else its text. */
function naming(document: object): { readonly query: string; readonly documentId?: string } {
  const { hash } = (document as { __meta__?: { hash?: string } }).__meta__ ?? {};
  return isKnownByName && hash ? { query: '', documentId: hash } : { query: print(document as DocumentNode) };
}

/** Whether it is worth asking again with the text, which everything is asked with from now on. */
function forgetNames(code: string | undefined): boolean {
  const wasKnown = isKnownByName;
  if (code === 'PERSISTED_QUERY_NOT_FOUND') isKnownByName = false;
  return wasKnown && !isKnownByName;
}

/** Runs a query or a mutation. @throws ApiError with the first error's code */
export async function ask<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...csrfHeaders() },
    body: JSON.stringify({ ...naming(document), variables }),
  });
  const requestId = answer.headers.get('x-request-id');
  const { data, errors } = (await answer.json().catch(() => ({}))) as GraphqlAnswer<Data>;
  const [error] = errors ?? [];
  if (forgetNames(error?.extensions?.code)) return ask(document, variables);
  // Refused before it was read, so that asking again does nothing twice.
  if (error && (await isOfAnotherSession(error.extensions?.code ?? '', error.message))) return ask(document, variables);
  if (error) throw new ApiError(error.message, error.extensions?.code ?? 'INTERNAL', requestId);
  if (!data) throw new ApiError('The gateway did not answer.', 'UPSTREAM_UNAVAILABLE', requestId);
  return data;
}

const live = createClient({ url: '/graphql', headers: csrfHeaders, retryAttempts: 0 });

/** Follows a subscription until the signal ends it. @throws ApiError with the stream's last error */
export async function follow<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  signal: AbortSignal,
  onEvent: (data: Data) => void,
): Promise<void> {
  const stream = live.iterate<Data>({ ...naming(document), variables });
  const stop = () => void stream.return?.();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const { data, errors } of stream) {
      const [error] = errors ?? [];
      const code = String(error?.extensions?.['code'] ?? 'INTERNAL');
      if (forgetNames(code)) return await follow(document, variables, signal, onEvent);
      if (error && (await isOfAnotherSession(code, error.message)))
        return await follow(document, variables, signal, onEvent);
      if (error) throw new ApiError(error.message, code, null);
      if (data) onEvent(data);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
