import type { Principal, PrincipalSigner } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import type { DescribeUser } from '../doors/session.ts';

const QUERY = '{ me { id displayName handle email roles tenant { id slug name tier } } }';

/** Asks the identity subgraph who somebody is, as that person. */
export function createUserLookup(identity: SubgraphHandler, sign: PrincipalSigner): DescribeUser {
  return async (principal: Principal) => {
    const { data } = await identity.execute({ query: QUERY, principalToken: await sign(principal) });
    return data?.['me'] ?? null;
  };
}
