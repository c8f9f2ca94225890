import type { FieldNode, GraphQLSchema } from 'graphql';
import { isInterfaceType, isObjectType } from 'graphql';
import { responseKeyOf } from './collect.ts';
import type { ResponsePath } from './path.ts';

/**
 * What fields are called on their way through subgraphs.
 *
 * A client may call any field `id`. The planner asks for keys and required fields by their own names, in the same objects, so a
 * name of the client's must never be one of the schema's.
 */
export interface FetchKeys {
  /** A field's key in fetches: its name, or one that no field of the schema has. */
  keyOf(field: FieldNode): string;
  /** A path of fetches in the client's words. */
  toClient(path: ResponsePath): ResponsePath;
}

/** @param schema whatever the planner may ask for, hidden fields included */
export function createFetchKeys(schema: GraphQLSchema): FetchKeys {
  const prefix = unusedPrefix(schema);
  return {
    keyOf: (field) => {
      const key = responseKeyOf(field);
      const isPlain = key === field.name.value && !field.arguments?.length;
      return isPlain ? key : prefix + key;
    },
    toClient: (path) =>
      path.map((part) => (typeof part === 'string' && part.startsWith(prefix) ? part.slice(prefix.length) : part)),
  };
}

function unusedPrefix(schema: GraphQLSchema): string {
  const names = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()) : [],
  );
  let prefix = 'as_';
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
