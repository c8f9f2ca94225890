import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { MAX_TOKENS } from './documents.ts';
import type { Engine } from './engine/index.ts';
import type { PresentError } from './errors.ts';
import type { FetchContext } from './transport.ts';

/**
 * Apollo Server over our own engine, by the seam it has for gateways: it parses, validates and speaks HTTP; the engine executes.
 *
 * @param present what clients get for errors
 */
export async function startApollo(
  engine: Engine<FetchContext>,
  supergraphSdl: string,
  present: PresentError,
): Promise<ApolloServer<FetchContext>> {
  const server = new ApolloServer<FetchContext>({
    gateway: gatewayOf(engine, supergraphSdl),
    plugins: [ApolloServerPluginLandingPageDisabled()],
    formatError: (_formatted, error) => present(unwrapped(error, _formatted)),
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    status400ForVariableCoercionErrors: true,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
  });
  await server.start();
  return server;
}

/** The engine's and Apollo's errors have codes where they are meant for a client; what has none is masked with its own trace. */
function unwrapped(error: unknown, formatted: object): unknown {
  return error instanceof Error && 'extensions' in error ? formatted : error;
}

function gatewayOf(engine: Engine<FetchContext>, coreSupergraphSdl: string): GatewayInterface {
  return {
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: engine.schema, coreSupergraphSdl });
      return () => undefined;
    },
    load: async () => ({
      executor: async (context) =>
        engine.execute({
          document: context.document,
          operationName: context.operationName ?? undefined,
          variables: context.request.variables ?? {},
          context: fetchContextOf(context),
        }),
    }),
    stop: async () => undefined,
  };
}

/** Apollo Server puts the request's context on the gateway's context; its type does not say so. */
function fetchContextOf(context: object): FetchContext {
  const carried = context as { contextValue?: FetchContext; context?: FetchContext };
  const value = carried.contextValue ?? carried.context;
  if (!value) throw new Error('The request has no context.');
  return value;
}
