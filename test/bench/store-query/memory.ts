import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { PrincipalVerifier } from '@assay/principal';
import { createSubgraphHandler, type SubgraphHandler } from '@assay/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import { ROOT } from '../../../ops/run/paths.ts';

export const SUBGRAPH_NAMES = ['identity', 'media', 'licensing', 'compliance'] as const;
export type SubgraphName = (typeof SUBGRAPH_NAMES)[number];

const AT = '2026-11-23T09:30:00.000Z';
const PAGE = { hasNextPage: true, hasPreviousPage: false, startCursor: 'a0', endCursor: 'a9' };
const idOf = (kind: number, nth: number) =>
  `018f0000-0000-7000-8000-${String(kind).padStart(4, '0')}${String(nth).padStart(8, '0')}`;

const ASSETS = Array.from({ length: 10 }, (_, nth) => ({
  id: idOf(1, nth),
  title: `photo ${nth}`,
  state: 'READY',
  visibility: 'MARKETPLACE',
  mimeType: 'image/jpeg',
  sizeBytes: 112_525 + nth,
  createdAt: AT,
  readyAt: AT,
  preview: {
    width: 1280,
    height: 853,
    mimeType: 'image/jpeg',
    sizes: [256, 640, 1280].map((width) => ({ width, height: width })),
  },
  owner: { id: idOf(2, nth % 3) },
  tenant: { id: idOf(3, nth % 2) },
}));
const edgesOf = <Node extends { id: string }>(nodes: readonly Node[]) => ({
  edges: nodes.map((node) => ({ node, cursor: node.id })),
  pageInfo: PAGE,
});
/** By the last digits of an id; a user's tenant is whole, since its own subgraph holds it. */
const tenantOf = (id: string) => {
  const nth = id.slice(-2);
  return { id, slug: `t${nth}`, name: `Tenant ${nth}`, tier: 'STANDARD' };
};
const userOf = (id: string) => {
  const nth = id.slice(-2);
  return { id, displayName: `Author ${nth}`, handle: `author${nth}`, tenant: tenantOf(idOf(3, Number(nth) % 2)) };
};

type Reference = { readonly id: string };

const RESOLVERS: Readonly<Record<SubgraphName, object>> = {
  media: {
    Query: { assets: () => edgesOf(ASSETS) },
    Asset: { __resolveReference: ({ id }: Reference) => ASSETS.find((each) => each.id === id) },
  },
  identity: {
    User: { __resolveReference: ({ id }: Reference) => userOf(id) },
    Tenant: { __resolveReference: ({ id }: Reference) => tenantOf(id) },
  },
  licensing: {
    Asset: {
      __resolveReference: (reference: Reference) => reference,
      licenses: ({ id }: Reference) =>
        edgesOf(
          [1, 2].map((nth) => ({ id: `${id}${nth}`, seats: 5, seatsUsed: nth, keyHint: 'ABCD', state: 'ACTIVE' })),
        ),
    },
  },
  compliance: {
    Query: {
      privilegedAccessRequests: () =>
        edgesOf(
          [1, 2, 3].map((nth) => ({
            id: idOf(4, nth),
            scope: 'AUDIT_READ',
            reason: `reason ${nth}`,
            state: 'PENDING',
            minutes: 30,
            createdAt: AT,
          })),
        ),
    },
  },
};

/** The four subgraphs' schemas over rows in memory: no database, no rules, nothing but what a gateway does with answers. */
export function memorySubgraph(name: SubgraphName, verifyPrincipal: PrincipalVerifier): SubgraphHandler {
  return createSubgraphHandler({
    name,
    schema: memorySchema(name),
    verifyPrincipal,
    openScope: (principal) => ({ context: { principal }, end: async () => undefined }),
    report: (_errorId, error) => void process.stderr.write(`${String(error)}\n`),
    health: async () => ({}),
  });
}

/** The subgraph's schema over rows in memory. */
export function memorySchema(name: SubgraphName): GraphQLSchema {
  return buildSubgraphSchema({ typeDefs: parse(sdlOf(name)), resolvers: RESOLVERS[name] as never });
}

/** The subgraph's generated SDL. */
export function sdlOf(name: SubgraphName): string {
  return readFileSync(join(ROOT, 'codegen/subgraphs', `${name}.graphql`), 'utf8');
}
