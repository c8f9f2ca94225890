import { hash } from 'node:crypto';
import type { FieldNode, GraphQLSchema } from 'graphql';
import { isInterfaceType, isObjectType, print } from 'graphql';
import { responseKeyOf } from './collect.ts';
import type { ResponsePath } from './path.ts';

/**
 * What fields are called on their way through subgraphs.
 *
 * A client may call any field `id`. The planner asks for keys and required fields by their own names, in the same objects, so a
 * name of the client's must never be one of the schema's. And below two types one name may stand for two fields, or for one with
 * two sets of arguments (GraphQL, section 5.3.2), which meet where a fetch asks for the objects of both: so a key says which
 * field it is and what it was given. The native planner, told otherwise, ends the process.
 */
export interface FetchKeys {
  /** A field's key in fetches: its name, or one that no field of the schema and no other field of a client has. */
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
      return isPlain ? key : `${prefix}${key}_${fingerprintOf(field)}`;
    },
    toClient: (path) =>
      path.map((part) =>
        typeof part === 'string' && part.startsWith(prefix) ? part.slice(prefix.length, -FINGERPRINT_LENGTH - 1) : part,
      ),
  };
}

const FINGERPRINT_LENGTH = 16;

/** Of a field and its arguments; long enough that nobody finds two that are alike. */
function fingerprintOf({ name, arguments: given = [] }: FieldNode): string {
  const sorted = given.map(print).sort();
  return hash('sha256', `${name.value}(${sorted.join(',')})`, 'hex').slice(0, FINGERPRINT_LENGTH);
}

function unusedPrefix(schema: GraphQLSchema): string {
  const names = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()) : [],
  );
  let prefix = 'as_';
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
