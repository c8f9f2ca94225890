import type { Principal } from '@assay/principal';
import type { DescribeUser } from '../doors/session.ts';
import type { Transport } from '../engine/index.ts';
import type { FetchContext } from '../transport.ts';

const QUERY = '{ me { id displayName handle email roles tenant { id slug name tier } } }';

/** Asks the identity subgraph who somebody is, as that person. */
export function createUserLookup(identity: Transport<FetchContext>): DescribeUser {
  return async (principal: Principal) => {
    const context = { principal };
    const { data } = await identity.execute({
      query: QUERY,
      variables: {},
      operation: 'query',
      context,
      signal: undefined,
    });
    return data?.['me'] ?? null;
  };
}
