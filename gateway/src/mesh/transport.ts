import type { PrincipalSigner } from '@assay/principal';
import { HEADERS } from '@assay/subgraph/mesh';
import type { Transport, TransportRequest } from '../engine/index.ts';
import { bodyOf, createQuoting, parseResult } from '../router/http-transport.ts';
import { postJson } from '../router/post-json.ts';
import type { FetchContext } from '../transport.ts';
import { openEvents } from './events.ts';
import type { Peer } from './peer.ts';
import { openResuming } from './resuming.ts';

/**
 * A subgraph in a process of its own. The principal is signed for each fetch, and for each time that a stream is opened; nothing else
 * of the client's request travels with it but how much time is left. A client that leaves takes its fetch along.
 *
 * @param report gets why a stream was broken that is being resumed
 */
export function createMeshTransport(
  peer: Peer,
  sign: PrincipalSigner,
  report: (error: unknown) => void,
): Transport<FetchContext> {
  const quote = createQuoting();
  const headersOf = async ({ principal, endsAt }: FetchContext) => ({
    'content-type': 'application/json',
    authorization: `Bearer ${await sign(principal)}`,
    ...(endsAt === undefined ? {} : { [HEADERS.timeLeftMs]: String(Math.max(0, endsAt - Date.now())) }),
  });
  const textOf = ({ query, variables }: TransportRequest<FetchContext>) => bodyOf(quote(query), variables);
  return {
    execute: async (request) =>
      parseResult(
        await postJson(peer.questions(), {
          path: '/graphql',
          headers: await headersOf(request.context),
          body: textOf(request),
          signal: request.signal,
        }),
      ),
    subscribe: (request) => {
      const text = textOf(request);
      return openResuming(
        async (place, signal) => openEvents(peer.streams(), text, await headersOf(request.context), place, signal),
        report,
      );
    },
  };
}
