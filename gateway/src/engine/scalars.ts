import { GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, type GraphQLScalarType, GraphQLString } from 'graphql';
import type { Json } from './response.ts';

/** The specified scalars by what they are in JSON (GraphQL, section 3.5). */
export type ScalarKind = 'int' | 'float' | 'string' | 'boolean' | 'id';

const KINDS: ReadonlyMap<string, ScalarKind> = new Map([
  [GraphQLInt.name, 'int'],
  [GraphQLFloat.name, 'float'],
  [GraphQLString.name, 'string'],
  [GraphQLBoolean.name, 'boolean'],
  [GraphQLID.name, 'id'],
]);

/** @returns undefined for a scalar of the schema's own, which may be any JSON */
export function scalarKindOf({ name }: GraphQLScalarType): ScalarKind | undefined {
  return KINDS.get(name);
}

/** The numbers of an Int. */
export const MAX_INT = 2_147_483_647;
export const MIN_INT = -2_147_483_648;

/**
 * What a specified scalar may be in an answer. Nothing is coerced: who reads a number where the schema promises a text was told
 * something else than the schema promises.
 */
export const SCALARS: Readonly<Record<ScalarKind, (value: Json) => boolean>> = {
  int: (value) => typeof value === 'number' && Number.isInteger(value) && value >= MIN_INT && value <= MAX_INT,
  // JSON has no other numbers, but some are more than a number can be.
  float: Number.isFinite,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  // Section 3.5.5: what is an ID to its server may be a number there.
  id: (value) => typeof value === 'string' || Number.isInteger(value),
};
