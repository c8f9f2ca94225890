import { setImmediate } from 'node:timers/promises';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  buildSchema,
  defaultFieldResolver,
  type ExecutionResult,
  execute,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  parse,
  subscribe,
} from 'graphql';
import {
  AnswerText,
  type Caller,
  createEngine,
  type Engine,
  openPlanner,
  type PlannerOptions,
  TextAnswer,
  type Transport,
} from '../../src/engine/index.ts';

export type Row = { readonly __typename: string } & Readonly<Record<string, unknown>>;
type Resolve = (parent: Row, args: Readonly<Record<string, unknown>>) => unknown;

/** The same data twice: as one schema, and cut into subgraphs. */
export interface World {
  readonly name: string;
  /** What one schema over all of it would be. */
  readonly whole: string;
  readonly subgraphs: Readonly<Record<string, string>>;
  /** Entities, found by whichever of their fields a representation names. */
  readonly rows: readonly Row[];
  /** `Type.field`; everything else is the row's own property. */
  readonly fields: Readonly<Record<string, Resolve>>;
  /** `Type.field` of those that see nothing but the representation that was sent (@requires). */
  readonly required?: readonly string[];
}

/** One fetch that the engine made. */
export interface Call {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OpenWorld {
  readonly supergraphSdl: string;
  readonly engine: Engine<null>;
  readonly whole: GraphQLSchema;
  readonly calls: Call[];
  /** Makes a subgraph answer otherwise. */
  readonly broken: Map<string, (call: Call) => ExecutionResult>;
  /** What one subgraph tells, as JSON has it. */
  tell(subgraph: string, query: string, variables: object): Promise<ExecutionResult>;
  /** What graphql-js makes of it over one schema. */
  expected(query: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
  answer(query: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
  /** What one is told, then several who ask at once, and whose subgraphs answer as JSON, sooner or later. */
  answersTogether(query: string, variables?: Record<string, unknown>): Promise<readonly ExecutionResult[]>;
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@requires", "@external", "@provides", "@shareable", "@interfaceObject", "@override", "@inaccessible"])
`;

/** What a test changes in both forms of a world alike. */
export interface Change {
  supergraph?(sdl: string): string;
  whole?(schema: GraphQLSchema): GraphQLSchema;
  /** Each subgraph's schema. */
  part?(schema: GraphQLSchema): GraphQLSchema;
}

/** How a world is planned, and who asks. */
export interface WorldOptions extends Pick<PlannerOptions, 'name' | 'isAlone'> {
  callerOf?(): Caller;
}

/** Composes a world's subgraphs, and puts an engine over them. */
export function openWorld(
  world: World,
  change: Change = {},
  { callerOf, ...planning }: WorldOptions = { name: 'native' },
): OpenWorld {
  const calls: Call[] = [];
  const broken: OpenWorld['broken'] = new Map();
  const sources = Object.entries(world.subgraphs).map(([name, sdl]) => ({
    name,
    typeDefs: parse(LINK + sdl),
    url: '',
  }));
  const { supergraphSdl: composed, errors } = composeServices(sources);
  if (!composed) throw new Error(errors?.join('\n'));
  const supergraphSdl = change.supergraph?.(composed) ?? composed;
  const transports = Object.fromEntries(
    sources.map(({ name, typeDefs }): [string, Transport<null>] => {
      const own = withResolvers(buildSubgraphSchema([{ typeDefs, resolvers: {} }]), world, true);
      return [name, transportOf(name, change.part?.(own) ?? own, calls, broken)];
    }),
  );
  const planner = openPlanner(supergraphSdl, { ...planning, report: refuseAnother });
  const engine = createEngine({ supergraphSdl, planner, transports, ...(callerOf ? { callerOf } : {}) });
  const written = Object.fromEntries(Object.entries(transports).map(([name, each]) => [name, inWriting(each)]));
  const together = createEngine({ supergraphSdl, planner, transports: written, classOf: () => 'everybody' });
  const one = wholeSchema(world);
  const whole = change.whole?.(one) ?? one;
  return {
    supergraphSdl,
    engine,
    whole,
    calls,
    broken,
    tell: async (subgraph, query, variables) => {
      const asked = {
        query,
        variables: { ...variables },
        operation: 'query',
        context: null,
        signal: undefined,
      } as const;
      const transport = transports[subgraph];
      if (!transport) throw new Error(`There is no ${subgraph}.`);
      return transport.execute(asked);
    },
    expected: async (query, variableValues = {}) => execute({ schema: whole, document: parse(query), variableValues }),
    answer: (query, variables = {}) => engine.execute({ document: parse(query), variables, context: null }),
    answersTogether: async (query, variables = {}) => {
      const asked = { document: parse(query), variables, context: null, mayBeText: true };
      // What is asked again may be derived from bytes; the first time it is not.
      const first = await together.execute(asked);
      const results = await Promise.all([1, 2, 3].map(() => together.execute(asked)));
      return [first, ...results].map(({ data, ...others }) => ({
        ...others,
        data: data instanceof AnswerText ? JSON.parse(data.text) : data,
      }));
    },
  };
}

/** A transport as one over a wire: its answers are texts, and come in no order. */
function inWriting(transport: Transport<null>): Transport<null> {
  let calls = 0;
  return {
    ...transport,
    execute: async (request) => {
      const result = await transport.execute(request);
      calls += 1;
      for (let rest = (calls * 7) % 4; rest > 0; rest -= 1) await setImmediate();
      return new TextAnswer(JSON.stringify(result));
    },
  };
}

/** @param sdl what one schema over all of a world is, when it is not the world's own */
export function wholeSchema(world: World, sdl = world.whole): GraphQLSchema {
  return withResolvers(buildSchema(sdl), world, false);
}

function refuseAnother(line: string, cause: unknown): never {
  throw new Error(line, { cause });
}

function transportOf(
  subgraph: string,
  schema: GraphQLSchema,
  calls: Call[],
  broken: OpenWorld['broken'],
): Transport<null> {
  return {
    execute: async ({ query, variables }) => {
      const call = { subgraph, query, variables };
      calls.push(call);
      const answer = broken.get(subgraph);
      if (answer) return answer(call);
      const result = await execute({ schema, document: parse(query), variableValues: { ...variables } });
      return JSON.parse(JSON.stringify(result)) as ExecutionResult;
    },
    subscribe: async ({ query, variables }) =>
      subscribe({ schema, document: parse(query), variableValues: { ...variables } }),
  };
}

/** Gives a schema the world's resolvers; a subgraph's entities come from their representations. */
function withResolvers(schema: GraphQLSchema, world: World, isSubgraph: boolean): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = (row: Row) => row.__typename;
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields()))
      resolveField(`${type.name}.${field.name}`, field, schema, world, isSubgraph);
  }
  return schema;
}

function resolveField(
  name: string,
  field: GraphQLField<Row, unknown, Readonly<Record<string, unknown>>>,
  schema: GraphQLSchema,
  world: World,
  isSubgraph: boolean,
): void {
  const resolve = world.fields[name];
  if (name === 'Query._service') return;
  if (name === 'Query._entities') {
    field.resolve = (_root, { representations }) =>
      (representations as readonly Row[]).map((representation) => entityOf(world, schema, representation));
  } else if (resolve && name.startsWith('Subscription.')) {
    field.subscribe = (row, args) => resolve(row, args);
    field.resolve = (event) => event;
  } else if (resolve) {
    const isRequired = isSubgraph && world.required?.includes(name);
    field.resolve = (row, args) => resolve(isRequired ? representationOf(row) : row, args);
  } else field.resolve = ownProperty;
}

function ownProperty(row: unknown, args: object, context: unknown, info: GraphQLResolveInfo): unknown {
  const value = defaultFieldResolver(row, args, context, info);
  if (value instanceof Error) throw value;
  return value;
}

/**
 * The row that a representation speaks of. One of an interface is completed by the object behind it, unless the subgraph knows the
 * interface as one object.
 */
function entityOf({ rows }: World, schema: GraphQLSchema, representation: Row): unknown {
  const { __typename, ...fields } = representation;
  const type = schema.getType(__typename);
  const [row] = rows
    .filter((each) => isOf(schema, each, __typename))
    .map((each) => ({ each, fits: Object.keys(fields).filter((name) => agrees(fields[name], each[name])).length }))
    .filter(({ fits }) => fits > 0)
    .sort((one, other) => other.fits - one.fits)
    .map(({ each }) => each);
  return row ? { ...row, ...(isAbstractType(type) ? {} : { __typename }), representation } : null;
}

/** Whether all that a representation says of a value is so. */
function agrees(said: unknown, is: unknown): boolean {
  if (typeof said !== 'object' || said === null) return said === (is ?? null);
  if (Array.isArray(said))
    return Array.isArray(is) && is.length === said.length && said.every((item, index) => agrees(item, is[index]));
  return (
    typeof is === 'object' &&
    is !== null &&
    Object.entries(said).every(([name, value]) => agrees(value, (is as Record<string, unknown>)[name]))
  );
}

function isOf(schema: GraphQLSchema, row: Row, typename: string): boolean {
  const own = schema.getType(row.__typename);
  const asked = schema.getType(typename);
  if (isAbstractType(asked)) return isObjectType(own) && schema.isSubType(asked, own);
  return row.__typename === typename || !own;
}

function representationOf(row: Row): Row {
  const { representation } = row;
  if (typeof representation !== 'object' || representation === null)
    throw new Error('This field was asked for without a representation.');
  return representation as Row;
}
