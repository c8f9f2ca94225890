// The storefront's four subgraphs, which answer whatever is asked of them with something of the right type.

import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql';
import { serveSubgraphs } from '../gateways/subgraph-server.ts';
import { SUBGRAPH_NAMES, sdlOf } from '../store-query/memory.ts';

const ID = '018f0000-0000-7000-8000-000000000001';
const SCALARS: Readonly<Record<string, unknown>> = { ID, Int: 1, Float: 1.5, Boolean: true };

/** What a representation or a parent says, or else two of what a list holds, and one of everything else. */
const something: GraphQLFieldResolver<Readonly<Record<string, unknown>> | undefined, unknown> = (
  parent,
  _args,
  _context,
  { fieldName, returnType, schema },
) => parent?.[fieldName] ?? made(returnType, schema);

function made(type: GraphQLOutputType, schema: GraphQLSchema): unknown {
  if (isNonNullType(type)) return made(type.ofType, schema);
  if (isListType(type)) return [made(type.ofType, schema), made(type.ofType, schema)];
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isObjectType(type)) return { __typename: type.name };
  if (isAbstractType(type)) return { __typename: schema.getPossibleTypes(type)[0]?.name };
  return SCALARS[type.name] ?? '2026-11-23T09:30:00.000Z';
}

serveSubgraphs(
  new Map(SUBGRAPH_NAMES.map((name) => [name, buildSubgraphSchema({ typeDefs: parse(sdlOf(name)) })])),
  something,
);
