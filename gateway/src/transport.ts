import type { Principal, PrincipalSigner } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import type { Transport } from './engine/index.ts';

/** What every fetch of one request shares. */
export interface FetchContext {
  readonly principal: Principal;
}

/**
 * A subgraph in this process: a function call. The principal is signed for it all the same, anew for each fetch, and the subgraph
 * checks it as it would over a wire.
 */
export function createLocalTransport(subgraph: SubgraphHandler, sign: PrincipalSigner): Transport<FetchContext> {
  return {
    execute: async ({ query, variables, context, signal }) =>
      subgraph.execute({ query, variables, signal, principalToken: await sign(context.principal) }),
    subscribe: async ({ query, variables, context, signal }) =>
      subgraph.subscribe({ query, variables, signal, principalToken: await sign(context.principal) }),
  };
}
