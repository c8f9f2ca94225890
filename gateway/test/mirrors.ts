import { setTimeout as wait } from 'node:timers/promises';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { createPrincipalSigner, createPrincipalVerifier, type Principal } from '@assay/principal';
import { createSubgraphHandler } from '@assay/subgraph';
import { parse } from 'graphql';
import { composeSupergraph } from '../src/compose.ts';
import {
  type Caller,
  createEngine,
  createHivePlanner,
  createShareInFlight,
  type Engine,
  type Planner,
  TextAnswer,
  type Transport,
} from '../src/engine/index.ts';
import { textOf } from '../src/engine/normalize.ts';
import { endWithRequest } from '../src/request-time.ts';
import { callerOf, classOf, createLocalTransport, type FetchContext } from '../src/transport.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@authenticated", "@requiresScopes", "@policy"])
`;
/** Two subgraphs that tell whom they were asked for; the second is asked for the same entity whoever asks. */
const GUARDED = `
    member: String @authenticated
    maker: String @requiresScopes(scopes: [["media:upload"], ["media:admin", "audit:read"]])
    calm: String @policy(policies: [["risk:tolerable"]])
`;
const SOURCES = {
  mirror: `${LINK}
    type Query { self: Self  selves(of: Int!): [Self!]! }
    type Mutation { touch: Self }
    type Subscription { moments: Self }
    type Self @key(fields: "id") { id: ID! seen: String! ${GUARDED} }
  `,
  glass: `${LINK}
    type Self @key(fields: "id") { id: ID! through: String! again: Self! }
  `,
};

/** What decides about sharing and about rights; the gateway's own unless a test tries how it would be without. */
export interface Wiring {
  classOf(context: FetchContext): string;
  callerOf(context: FetchContext): Caller;
  /** Whether answers come as texts, as they do over a wire: what follows from the same texts is derived once. */
  readonly isText: boolean;
}

/** The gateway's engine over two mirrors, wired as it is over our subgraphs. */
export interface Mirrors {
  readonly supergraphSdl: string;
  readonly engine: Engine<FetchContext>;
  /** Operations that were planned, in order. */
  readonly planned: string[];
  /** What subgraphs were asked for, in order. */
  readonly fetched: string[];
}

/**
 * @param slow answers come as late as it says, so that what is alike meets on its way
 */
export function openMirrors(wiring: Partial<Wiring> = {}, slow: () => Promise<void> = async () => undefined): Mirrors {
  const supergraphSdl = composeSupergraph(SOURCES);
  const [planned, fetched]: [string[], string[]] = [[], []];
  const within = wiring.classOf ?? classOf;
  const share = createShareInFlight(within);
  const transports = Object.fromEntries(
    Object.entries(SOURCES).map(([name, sdl]): [string, Transport<FetchContext>] => {
      const key = Buffer.alloc(32, name).toString('base64url');
      const mirror = openMirror(name, sdl, key);
      const local = createLocalTransport(mirror, createPrincipalSigner(key, name));
      const watched: Transport<FetchContext> = {
        ...local,
        execute: async (request) => {
          fetched.push(`${name} ${request.query}`);
          await slow();
          const result = await local.execute(request);
          return wiring.isText ? new TextAnswer(JSON.stringify(result)) : result;
        },
      };
      return [name, endWithRequest(share(name, watched))];
    }),
  );
  const planner = counting(createHivePlanner(supergraphSdl), planned);
  const engine = createEngine({
    supergraphSdl,
    planner,
    transports,
    callerOf: wiring.callerOf ?? callerOf,
    classOf: within,
  });
  return { supergraphSdl, engine, planned, fetched };
}

/** An event every few milliseconds, as long as somebody listens. */
async function* moments() {
  for (;;) {
    yield { moments: { id: 'self' } };
    await wait(5);
  }
}

function openMirror(name: string, sdl: string, key: string) {
  const told = (_self: unknown, _args: unknown, { principal }: { principal: Principal }) => JSON.stringify(principal);
  const self = () => ({ id: 'self' });
  const selves = (_root: unknown, { of }: { of: number }) => Array.from({ length: of }, self);
  const resolvers = {
    mirror: {
      Query: { self, selves },
      Mutation: { touch: self },
      Subscription: { moments: { subscribe: moments } },
      Self: { seen: told, member: told, maker: told, calm: told, __resolveReference: self },
    },
    glass: { Self: { through: told, again: self, __resolveReference: self } },
  };
  return createSubgraphHandler<{ readonly principal: Principal }>({
    name,
    schema: buildSubgraphSchema([
      { typeDefs: parse(sdl), resolvers: name === 'mirror' ? resolvers.mirror : resolvers.glass },
    ]),
    verifyPrincipal: createPrincipalVerifier(key, name),
    openScope: (principal) => ({ context: { principal }, end: async () => undefined }),
    report: (_id, error) => {
      throw error;
    },
    health: async () => ({}),
  });
}

function counting(planner: Planner, planned: string[]): Planner {
  return {
    ...planner,
    plan: (operation) => {
      planned.push(textOf(operation));
      return planner.plan(operation);
    },
  };
}
