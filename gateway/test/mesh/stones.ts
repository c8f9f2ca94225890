import { buildSubgraphSchema } from '@apollo/subgraph';
import { createPrincipalVerifier, type Principal } from '@assay/principal';
import { createSubgraphHandler, type RequestTime, type SubgraphHandler } from '@assay/subgraph';
import { parse } from 'graphql';

export const KEY = Buffer.alloc(32, 'stones').toString('base64url');

const SDL = `
  type Query { who: String!  patience: Int!  forever: String  soon: String! }
  type Mutation { polish: Int! }
  type Subscription { chips(after: String, until: Int = 1000000): Chip!  dust: Int! }
  type Stone @key(fields: "id") { id: ID! }
  type Chip { cursor: String!  n: Int!  who: String!  kilobyte: String! }
`;

interface Context {
  readonly principal: Principal;
  readonly time: RequestTime;
}

/** A subgraph to ask over a mesh, and what it saw. */
export interface Stones {
  readonly handler: SubgraphHandler;
  /** Requests, mutations that were carried out, chips that somebody took, streams that are open now; how often something was away. */
  readonly seen: { asked: number; polished: number; taken: number; open: number; left: number; refused: number };
  /** Whether streams may be opened. */
  rights: boolean;
  /** Whether what streams read from does not answer. */
  isAway: boolean;
}

export function createStones(): Stones {
  const seen = { asked: 0, polished: 0, taken: 0, open: 0, left: 0, refused: 0 };
  const verifyThere = () => {
    if (!stones.isAway) return;
    seen.refused += 1;
    throw Object.assign(new Error("Can't reach database server"), { code: 'P1001' });
  };
  const who = (_self: unknown, _args: unknown, { principal }: Context) => principal.requestId;
  const resolvers = {
    Query: {
      who,
      patience: (_root: unknown, _args: unknown, { time }: Context) => (time.endsAt ?? 0) - Date.now(),
      soon: () => new Promise((resolve) => setTimeout(() => resolve('now'), 300)),
      forever: (_root: unknown, _args: unknown, { time }: Context) =>
        new Promise((resolve) => {
          time.signal?.addEventListener('abort', () => {
            seen.left += 1;
            resolve(null);
          });
        }),
    },
    Mutation: { polish: () => ++seen.polished },
    Subscription: {
      chips: {
        subscribe: (_root: unknown, { after, until }: { after?: string; until: number }) => {
          if (!stones.rights) throw new Error('no rights');
          verifyThere();
          return chips(Number(after ?? 0), until, seen, verifyThere);
        },
        resolve: (chip: unknown) => chip,
      },
      dust: { subscribe: () => dust(), resolve: (grain: unknown) => grain },
    },
    Chip: { who, kilobyte: () => 'k'.repeat(1_024) },
    Stone: { __resolveReference: ({ id }: { id: string }) => ({ id }) },
  };
  const handler = createSubgraphHandler<Context>({
    name: 'stones',
    schema: buildSubgraphSchema([{ typeDefs: parse(SDL), resolvers }]),
    verifyPrincipal: createPrincipalVerifier(KEY, 'stones'),
    openScope: (principal, time = {}) => {
      seen.asked += 1;
      return { context: { principal, time }, end: async () => undefined };
    },
    report: () => undefined,
    health: async () => ({ quarry: { ok: true, ageMs: 3 } }),
  });
  const stones: Stones = { handler, seen, rights: true, isAway: false };
  return stones;
}

/** Numbered from the one after `after`; the last is followed by silence. */
function chips(
  after: number,
  until: number,
  seen: Stones['seen'],
  verifyThere: () => void,
): AsyncIterableIterator<{ cursor: string; n: number }> {
  let n = after;
  const over = Promise.withResolvers<IteratorReturnResult<undefined>>();
  seen.open += 1;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (n >= until) return over.promise;
      verifyThere();
      n += 1;
      seen.taken += 1;
      return { done: false, value: { cursor: String(n), n } };
    },
    return: async () => {
      seen.open -= 1;
      over.resolve({ done: true, value: undefined });
      return over.promise;
    },
  };
}

async function* dust() {
  yield 1;
  await new Promise(() => undefined);
}
