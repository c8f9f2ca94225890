import type { PrincipalSigner } from '@assay/principal';
import { HEADERS } from '@assay/subgraph/mesh';
import { traceparent } from '@assay/telemetry';
import type { Transport, TransportRequest } from '../engine/index.ts';
import { bodyOf, createQuoting, resultOf } from '../router/graphql-json.ts';
import { postJson } from '../router/post-json.ts';
import type { FetchContext } from '../transport.ts';
import { openEvents } from './events.ts';
import type { Peer } from './peer.ts';
import { type OpenEvents, openResuming } from './resuming.ts';

/**
 * A subgraph in a process of its own. The principal is signed for each fetch, and for each time that a stream is opened; nothing else
 * of the client's request travels with it but how much time is left, and its trace. A client that leaves takes its fetch along.
 *
 * @param report gets why a stream was broken that is being resumed
 */
export function createMeshTransport(
  peer: Peer,
  sign: PrincipalSigner,
  report: (error: unknown) => void,
): Transport<FetchContext> {
  const quote = createQuoting();
  const headersOf = async ({ principal, endsAt }: FetchContext) => {
    const authorization = `Bearer ${await sign(principal)}`;
    const trace = traceparent();
    return {
      'content-type': 'application/json',
      authorization,
      ...(endsAt === undefined ? {} : { [HEADERS.timeLeftMs]: String(Math.max(0, endsAt - Date.now())) }),
      ...(trace === undefined ? {} : { [HEADERS.trace]: trace }),
    };
  };
  const textOf = ({ query, variables }: TransportRequest<FetchContext>) => bodyOf(quote(query), variables);
  return {
    execute: async (request) => {
      const { context, signal } = request;
      // Before the connections are looked up, which a renewal may change.
      const headers = await headersOf(context);
      const asked = { path: '/graphql', headers, body: textOf(request), signal };
      return resultOf(await postJson(peer.questions(), asked));
    },
    subscribe: (request) => {
      const text = textOf(request);
      const open: OpenEvents = async (place, signal) => {
        const headers = await headersOf(request.context);
        return openEvents(peer.streams(), { path: '/graphql', body: text, headers, place, signal });
      };
      return openResuming(open, { report, opening: request.signal });
    },
  };
}
