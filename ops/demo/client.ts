import { GraphQLClient } from 'graphql-request';
import { createClient } from 'graphql-sse';

/** A signed-in account as the demo uses it: queries, and one stream an asset. */
export interface Caller {
  readonly email: string;
  ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  follow<T>(query: string, variables: Record<string, unknown>, signal: AbortSignal): AsyncIterable<T>;
}

/**
 * @param url of the GraphQL door
 * @param email of the account; the token was issued to it
 * @param token an access token; null for a visitor who is not signed in
 */
export function createCaller(url: string, email: string, token: string | null): Caller {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const http = new GraphQLClient(url, { headers });
  const sse = createClient({ url, headers, singleConnection: false, retryAttempts: 3 });
  return {
    email,
    ask: (query, variables) => http.request(query, variables),
    follow: (query, variables, signal) => events(sse, query, variables, signal),
  };
}

async function* events<T>(
  sse: ReturnType<typeof createClient>,
  query: string,
  variables: Record<string, unknown>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = sse.iterate<T>({ query, variables });
  const stop = () => void iterator.return?.();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const { data, errors } of iterator) {
      if (errors) throw new Error(errors.map((error) => error.message).join('; '));
      if (data) yield data;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The code of a refusal, such as `NOT_FOUND`; null when `error` is not a GraphQL answer. */
export function codeOf(error: unknown): string | null {
  const answer = error as { response?: { errors?: { extensions?: { code?: string } }[] } };
  return answer.response?.errors?.[0]?.extensions?.code ?? null;
}
