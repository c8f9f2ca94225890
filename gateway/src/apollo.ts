import { randomUUID } from 'node:crypto';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { type DocumentNode, type FormattedExecutionResult, GraphQLError } from 'graphql';
import type { Admitted } from './admission.ts';
import { AnswerText, type Engine } from './engine/index.ts';
import type { PresentError } from './errors.ts';
import { type Explainable, explained } from './observation/explanation.ts';

/** Apollo Server brings plugins by itself, some of which report elsewhere as soon as the environment holds a key of theirs. */
const NOTHING_BUT_GRAPHQL = [
  ApolloServerPluginCacheControlDisabled(),
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginLandingPageDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
];

/** Apollo Server parses what it has no document of by the time that it has the text. */
const TAKES_DOCUMENTS: ApolloServerPlugin<Run> = {
  requestDidStart: async () => ({
    didResolveSource: async (request) => {
      const taking: { document?: DocumentNode } = request;
      taking.document = request.contextValue.document;
    },
  }),
};

/** What a door adds to the context of one request. */
export interface Run extends Explainable {
  /** What runs: parsed, measured and validated. */
  readonly document: DocumentNode;
  readonly admitted?: Admitted | undefined;
  /** Ends with the client's patience, or ours. */
  readonly signal?: AbortSignal | undefined;
  /** Where the answer goes that is nothing but text; left out: nobody takes one. Apollo Server copies the context, but not this. */
  readonly outlet?: Outlet | undefined;
}

/** What of an answer does not pass through Apollo Server. */
export interface Outlet {
  answer: AnswerText | null;
}

/**
 * Apollo Server over our own engine, by the seam it has for gateways: it speaks HTTP; the engine executes. Documents come with the
 * context (`documents.ts`): none is parsed, validated or kept a second time.
 *
 * @param present what clients get for errors
 */
export async function startApollo<Context extends object>(
  engine: Engine<Context>,
  supergraphSdl: string,
  present: PresentError,
): Promise<ApolloServer<Context & Run>> {
  const server = new ApolloServer<Context & Run>({
    gateway: gatewayOf(engine, supergraphSdl),
    plugins: [...NOTHING_BUT_GRAPHQL, TAKES_DOCUMENTS],
    documentStore: null,
    stringifyResult: print,
    formatError: (formatted, error) => present(error instanceof GraphQLError ? error : formatted),
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
  });
  await server.start();
  return server;
}

/** Printed instead of an answer that is there as bytes: Apollo Server hands on nothing but text. */
export const AS_BYTES = `the bytes of ${randomUUID()}`;

/** As Apollo Server prints answers; data that is JSON already is not read again for it. */
function print(result: FormattedExecutionResult): string {
  const { data, ...others } = result;
  if (!(data instanceof AnswerText)) return `${JSON.stringify(result)}\n`;
  const text = JSON.stringify(others);
  return text === '{}' ? AS_BYTES : `${text.slice(0, -1)},"data":${data.text}}\n`;
}

function gatewayOf<Context extends object>(engine: Engine<Context>, coreSupergraphSdl: string): GatewayInterface {
  return {
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: engine.schema, coreSupergraphSdl });
      return () => undefined;
    },
    load: async () => ({
      executor: async (asked) => {
        const context = contextOf<Context & Run>(asked);
        const result = await engine.execute({
          document: asked.document,
          operationName: asked.request.operationName ?? undefined,
          variables: asked.request.variables ?? {},
          context,
          signal: context.signal,
          mayBeText: context.outlet !== undefined && !context.admitted?.readsData,
        });
        const complete = context.admitted ? context.admitted.complete(result) : result;
        if (complete.data instanceof AnswerText && context.outlet) context.outlet.answer = complete.data;
        return context.explanation ? explained(complete, context.explanation) : complete;
      },
    }),
    stop: async () => undefined,
  };
}

/** Apollo Server puts the request's context on the gateway's context; its type does not say so. */
function contextOf<Context>(context: object): Context {
  const carried = context as { contextValue?: Context; context?: Context };
  const value = carried.contextValue ?? carried.context;
  if (!value) throw new Error('The request has no context.');
  return value;
}
