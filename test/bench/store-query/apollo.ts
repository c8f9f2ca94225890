import { createHash } from 'node:crypto';
import { ApolloGateway, LocalGraphQLDataSource } from '@apollo/gateway';
import { composeSupergraph } from '@assay/gateway/compose';
import type { Engine } from '@assay/gateway/engine/index';
import type { FetchContext } from '@assay/gateway/transport';
import type { PrincipalSigner } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import { type DocumentNode, type ExecutionResult, type GraphQLSchema, print } from 'graphql';
import { partsOf, type SubgraphParts } from '../../../packages/subgraph/src/handler.ts';
import { openSdlOf } from './open-sdl.ts';

export interface ApolloSubgraph {
  readonly handler: SubgraphHandler;
  readonly sdl: string;
  readonly sign: PrincipalSigner;
}

/**
 * @apollo/gateway behind our own door: it has the place of the engine, and everything before and after it is the same. Directives of
 * access, which it refuses in a supergraph, are left out: the subgraphs guard the same fields by themselves.
 */
export async function createApolloEngine(
  subgraphs: Readonly<Record<string, ApolloSubgraph>>,
): Promise<Engine<FetchContext>> {
  const sources = new Map(
    Object.entries(subgraphs).map(([name, { handler, sign }]) => [name, new Source(partsOf(handler), sign)]),
  );
  const gateway = new ApolloGateway({
    supergraphSdl: composeSupergraph(
      Object.fromEntries(Object.entries(subgraphs).map(([name, { sdl }]) => [name, openSdlOf(sdl)])),
    ),
    buildService: ({ name }) => sources.get(name) ?? refuse(name),
  });
  let schema: GraphQLSchema | undefined;
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  const { executor } = await gateway.load();
  if (!schema) throw new Error('@apollo/gateway has no schema.');
  const execute: Engine<FetchContext>['execute'] = async ({ document, operationName, variables, context }) => {
    const request = { variables: { ...variables }, ...(operationName ? { operationName } : {}) };
    // It looks at these and at nothing else of what Apollo Server hands on.
    const asked = { request, document, queryHash: hashOf(document), context } as unknown as Parameters<
      typeof executor
    >[0];
    const { data, errors } = await executor(asked);
    return { ...(data === undefined ? {} : { data }), ...(errors ? { errors } : {}) } as ExecutionResult;
  };
  return { schema, execute, subscribe: () => refuse('subscriptions'), verifyPlans: () => undefined };
}

/** `LocalGraphQLDataSource` over a subgraph's own schema, with what every call of a subgraph does: a signed principal, a scope that ends. */
class Source extends LocalGraphQLDataSource<FetchContext> {
  readonly #parts: SubgraphParts;
  readonly #sign: PrincipalSigner;

  constructor(parts: SubgraphParts, sign: PrincipalSigner) {
    super(parts.schema);
    this.#parts = parts;
    this.#sign = sign;
  }

  override async process(options: Parameters<LocalGraphQLDataSource<FetchContext>['process']>[0]) {
    const { principal } = options.context as FetchContext;
    const verified = await this.#parts.verifyPrincipal(await this.#sign(principal));
    const scope = this.#parts.openScope(verified);
    try {
      return await super.process({ ...options, context: scope.context });
    } finally {
      await scope.end();
    }
  }
}

function refuse(what: string): never {
  throw new Error(`@apollo/gateway has no ${what} here.`);
}

const hashes = new WeakMap<DocumentNode, string>();

/** The key of its plan; Apollo Server computes it once a request, which is spared here. */
function hashOf(document: DocumentNode): string {
  const known = hashes.get(document) ?? createHash('sha256').update(print(document)).digest('hex');
  hashes.set(document, known);
  return known;
}
