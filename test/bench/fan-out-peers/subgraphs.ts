// Two subgraphs behind one port: events of a feed, as server-sent events, and the goods that they tell of. `/tell?n=7` makes the
// event of that number; `/streams` tells how many streams are open. What was written for one stream is written again for the
// others that ask the same: what subgraphs cost is nobody's figure, and they share their core with the load.

import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { announceReady } from '@assay/telemetry';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { FEED_SCHEMAS } from './schemas.ts';

interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

const GOODS = 3;
const entity = ({ id }: { readonly id: string }) => ({ id, name: `Good of the name ${id}`, price: 12.5 });
const schemas: Readonly<Record<string, GraphQLSchema>> = {
  '/feed': buildSubgraphSchema({ typeDefs: parse(FEED_SCHEMAS.feed) }),
  '/goods': buildSubgraphSchema({
    typeDefs: parse(FEED_SCHEMAS.goods),
    resolvers: { Good: { __resolveReference: entity } },
  }),
};
const streams = new Map<ServerResponse, Asked>();
let last = 0;
let written = new Map<string, string>();

async function answerOf(path: string, { query, variables }: Asked, rootValue?: unknown): Promise<string> {
  const schema = schemas[path];
  if (!schema) throw new Error(`There is no ${path}.`);
  return JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables, rootValue }));
}

/** The last event, as a stream with that question is told it. */
async function eventFor({ query, variables }: Asked): Promise<string> {
  const key = JSON.stringify([query, variables]);
  const known = written.get(key);
  if (known !== undefined) return known;
  const goods = Array.from({ length: GOODS }, (_, nth) => ({ id: `good-${last}-${nth}` }));
  const told = { cursor: String(last), number: last, at: '2026-01-01T00:00:00.000Z', goods };
  const text = `id: ${last}\nevent: next\ndata: ${await answerOf('/feed', { query, variables }, { told })}\n\n`;
  written.set(key, text);
  return text;
}

/** Whoever comes gets the last event, unless he has it; then each as it is made. */
async function follow(response: ServerResponse, asked: Asked): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(asked.variables?.['after'] === String(last) ? ':\n\n' : await eventFor(asked));
  streams.set(response, asked);
  response.once('close', () => streams.delete(response));
}

async function tell(number: number): Promise<void> {
  last = number;
  written = new Map();
  for (const [response, asked] of streams) response.write(await eventFor(asked));
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/streams') return void response.end(String(streams.size));
  if (pathname === '/tell') {
    await tell(Number(searchParams.get('n')));
    return void response.end();
  }
  // Hive Gateway asks for streams by GET, ours by POST.
  const inPath = searchParams.get('query');
  const asked: Asked =
    inPath === null
      ? JSON.parse(await text(request))
      : { query: inPath, variables: JSON.parse(searchParams.get('variables') ?? '{}') };
  if (asked.query.includes('subscription')) return follow(response, asked);
  response.writeHead(200, { 'content-type': 'application/json' }).end(await answerOf(pathname, asked));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  announceReady('subgraphs', `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
process.once('SIGTERM', () => process.exit(0));
