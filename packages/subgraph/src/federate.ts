import { buildSubgraphSchema } from '@apollo/subgraph';
import type { PermissionTable } from '@assay/policy';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  parse,
  print,
  specifiedDirectives,
} from 'graphql';
import { type BuildSchemaOptions, buildSchema, createResolversMap } from 'type-graphql';
import { writeListSizes } from './list-sizes.ts';
import { writeScopes } from './scopes.ts';

const FEDERATION = 'https://specs.apollo.dev/federation/v2.9';
const IMPORTS = [
  '@key',
  '@shareable',
  '@external',
  '@provides',
  '@requires',
  '@tag',
  '@inaccessible',
  '@override',
  '@authenticated',
  '@requiresScopes',
  '@policy',
  '@listSize',
];

/** Loads an entity by its key; null when there is none or the caller may not know of it. Runs unguarded: check inside it. */
export type ReferenceResolver<Context> = (
  reference: { readonly id: string },
  context: Context,
) => Promise<object | null>;

export interface SubgraphSchemaOptions<Context> {
  readonly resolvers: BuildSchemaOptions['resolvers'];
  /** Types that no resolver mentions; pass `[]` when there are none, since type-graphql's metadata is one for the process. */
  readonly orphanedTypes: Function[];
  readonly scalars?: BuildSchemaOptions['scalarsMap'];
  readonly references: Readonly<Record<string, ReferenceResolver<Context>>>;
  /** What each field asks for; the SDL says it to the gateway. */
  readonly permissions: PermissionTable;
}

/**
 * type-graphql classes -> a federation 2 subgraph schema (Apollo Federation 2.9), with `_service` and `_entities`.
 *
 * `printSubgraphSchema` refuses type-graphql's schemas, so the SDL is printed with its directives, linked, and built again
 * over the resolvers that type-graphql made.
 *
 * @throws Error that names the fields without a permission
 */
export async function federate<Context>(
  options: SubgraphSchemaOptions<Context>,
): Promise<{ schema: GraphQLSchema; sdl: string }> {
  const plain = await buildSchema({
    resolvers: options.resolvers,
    orphanedTypes: options.orphanedTypes,
    ...(options.scalars ? { scalarsMap: options.scalars } : {}),
    directives: [...specifiedDirectives],
    pubSub: NO_PUBSUB,
    skipCheck: true,
    validate: false,
    emitSchemaFile: false,
  });
  const imports = IMPORTS.map((name) => `"${name}"`).join(', ');
  const link = `extend schema @link(url: "${FEDERATION}", import: [${imports}])`;
  const printed = parse(`${link}\n\n${printSchemaWithDirectives(plain)}`);
  const typeDefs = writeListSizes(writeScopes(printed, options.permissions));
  const sdl = print(typeDefs);
  const schema = buildSubgraphSchema({ typeDefs, resolvers: withReferences(plain, options.references) });
  return { schema, sdl };
}

/** type-graphql asks for one even where each subscription brings its own source; ours all do, from the database. */
const NO_PUBSUB: NonNullable<BuildSchemaOptions['pubSub']> = {
  publish: () => refuseTopic(),
  subscribe: () => refuseTopic(),
};

function refuseTopic(): never {
  throw new Error('A subscription brings its own source: give it `subscribe`, not `topics`.');
}

type Resolvers = Parameters<typeof buildSubgraphSchema>[0] extends infer M
  ? M extends { resolvers?: infer R }
    ? R
    : never
  : never;

function withReferences<Context>(
  plain: GraphQLSchema,
  references: Readonly<Record<string, ReferenceResolver<Context>>>,
): Resolvers {
  const resolvers: Record<string, unknown> = { ...createResolversMap(plain) };
  for (const [type, load] of Object.entries(references)) {
    const resolveReference = async (reference: { id: string }, context: Context, _info: GraphQLResolveInfo) => {
      const entity = await load(reference, context);
      return entity === null ? null : Object.assign(entity, { __typename: type });
    };
    resolvers[type] = { ...fieldsOf(resolvers[type]), __resolveReference: resolveReference };
  }
  return resolvers as Resolvers;
}

function fieldsOf(value: unknown): Record<string, GraphQLFieldResolver<unknown, unknown>> {
  return typeof value === 'object' && value !== null
    ? { ...(value as Record<string, GraphQLFieldResolver<unknown, unknown>>) }
    : {};
}
