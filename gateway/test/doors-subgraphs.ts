import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import type { StreamEvent, Transport } from '../src/engine/index.ts';
import { mapStream } from '../src/engine/subscribe.ts';
import { endWithRequest } from '../src/request-time.ts';
import type { FetchContext } from '../src/transport.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';

export const shop = `${LINK}
  type Query { thing(id: ID!): Thing  things(first: Int = 3): [Thing!]!  secret: String!  whoAsks: String  slow: Int  slowThing: Thing }
  type Mutation { rename(id: ID!, title: String!): Thing  roles: [String!]! }
  type Subscription { changes(from: Int = 0): Thing!  silence: Thing!  history(after: String): Thing! }
  type Thing @key(fields: "id") { id: ID! title: String! owner: Person }
  type Person @key(fields: "id") { id: ID! }
`;
export const people = `${LINK}
  type Query { people: [Person!]! }
  type Person @key(fields: "id") { id: ID! name: String! friends: [Person!]! best: Person }
`;

/** Two small subgraphs over rows in memory. */
export interface DoorsSubgraphs {
  readonly transports: Readonly<Record<string, Transport<FetchContext>>>;
  /** Makes the next events of `changes` and `history`. */
  emit(id: string): void;
  /** How many streams are open. */
  streams(): number;
}

/** @param onAsk gets the name of each subgraph that is asked */
export function openDoorsSubgraphs(onAsk: (name: string) => void): DoorsSubgraphs {
  const source = openSource();
  const schemas = {
    shop: buildSubgraphSchema([{ typeDefs: parse(shop), resolvers: shopResolvers(source.open) }]),
    people: buildSubgraphSchema([{ typeDefs: parse(people), resolvers: PEOPLE_RESOLVERS }]),
  };
  const transports = Object.entries(schemas).map(
    ([name, schema]) => [name, transportTo(schema, () => onAsk(name))] as const,
  );
  return { transports: Object.fromEntries(transports), emit: source.emit, streams: source.streams };
}

function shopResolvers(open: () => AsyncIterableIterator<string>) {
  const titles = new Map([1, 2, 3].map((n) => [`t${n}`, `Thing ${n}`]));
  const large = { id: 'large', title: 'x'.repeat(200_000), owner: null };
  const thing = (id: string) =>
    id === 'large' ? large : titles.has(id) ? { id, title: titles.get(id), owner: { id: `p-${id}` } } : null;
  return {
    Query: {
      thing: (_: unknown, { id }: { id: string }) => thing(id),
      things: (_: unknown, { first }: { first: number }) => [...titles.keys()].slice(0, first).map(thing),
      secret: () => {
        throw new Error('connect ECONNREFUSED 10.0.0.7:5432 password=hunter2');
      },
      whoAsks: (_: unknown, __: unknown, { principal }: FetchContext) => principal.subject,
      slowThing: () => new Promise((resolve) => setTimeout(() => resolve(thing('t1')), 400)),
      slow: () => new Promise((resolve) => setTimeout(() => resolve(1), 10_000).unref()),
    },
    Mutation: {
      roles: (_: unknown, __: unknown, { principal }: FetchContext) => principal.roles,
      rename: (_: unknown, { id, title }: { id: string; title: string }) => {
        titles.set(id, title);
        return thing(id);
      },
    },
    Subscription: {
      changes: { subscribe: open, resolve: (id: string) => thing(id) },
      history: { subscribe: open, resolve: (id: string) => thing(id) },
      silence: { subscribe: open, resolve: () => null },
    },
    Thing: { __resolveReference: ({ id }: { id: string }) => thing(id) },
  };
}

const PEOPLE_RESOLVERS = {
  Query: { people: () => [] },
  Person: {
    name: ({ id }: { id: string }) => `Owner of ${id}`,
    friends: () => [],
    __resolveReference: (person: object) => person,
  },
};

function transportTo(schema: GraphQLSchema, onAsk: () => void): Transport<FetchContext> {
  return endWithRequest({
    execute: async ({ query, variables, context }) => {
      onAsk();
      return execute({ schema, document: parse(query), variableValues: { ...variables }, contextValue: context });
    },
    subscribe: async ({ query, variables, context }) => {
      const document = parse(query);
      const stream = await subscribe({ schema, document, variableValues: { ...variables }, contextValue: context });
      return query.includes('history') && Symbol.asyncIterator in stream ? placed(stream) : stream;
    },
  });
}

/** A source of events that counts who listens, and that a leaving listener really leaves. */
function openSource() {
  const listeners = new Set<(id: string) => void>();
  return {
    emit: (id: string) => {
      for (const listener of listeners) listener(id);
    },
    streams: () => listeners.size,
    open: (): AsyncIterableIterator<string> => {
      const waiting: string[] = [];
      let wake: ((step: IteratorResult<string>) => void) | undefined;
      let over = false;
      const listener = (id: string) => {
        if (wake) wake({ done: false, value: id });
        else waiting.push(id);
        wake = undefined;
      };
      listeners.add(listener);
      const end = async (): Promise<IteratorResult<string>> => {
        over = true;
        listeners.delete(listener);
        wake?.({ done: true, value: undefined });
        return { done: true, value: undefined };
      };
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next: () => {
          const value = waiting.shift();
          if (value !== undefined) return Promise.resolve({ done: false, value });
          if (over) return Promise.resolve({ done: true, value: undefined });
          return new Promise((resolve) => (wake = resolve));
        },
        return: end,
        throw: end,
      };
    },
  };
}

/** The same stream, each event with its place in it. */
function placed(stream: AsyncIterableIterator<ExecutionResult>): AsyncIterableIterator<StreamEvent> {
  let place = 0;
  return mapStream(stream, async (event) => ({ ...event, place: String((place += 1)) }));
}
