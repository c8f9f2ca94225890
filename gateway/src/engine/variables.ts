import { GraphQLError, type GraphQLSchema, getVariableValues, type VariableDefinitionNode } from 'graphql';

/** One value that cannot be taken: where it stands among the variables, and why. */
interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const MAX_PROBLEMS = 5;
/** graphql-js tells where a value stands by its message alone. */
const MESSAGE = /^Variable "\$(\w+)" (?:got invalid value [\s\S]*?(?: at "([^"]+)")?; )?([\s\S]*)$/;
const SUGGESTION = / Did you mean [^?]*\?$/;

/**
 * The client's variables, coerced with the operation's defaults (GraphQL, section 6.1.2).
 *
 * @throws GraphQLError BAD_USER_INPUT with `extensions.problems`, each with the path of a value and what is wrong with it
 */
export function coerceVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[] | undefined,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!definitions?.length) return {};
  // As a key of an object it would be what the object inherits from, and the value would be lost.
  if (definitions.some(({ variable }) => variable.name.value === '__proto__'))
    throw new GraphQLError('No variable can be called $__proto__.', { extensions: { code: 'BAD_USER_INPUT' } });
  const { coerced, errors } = getVariableValues(schema, definitions, { ...variables }, { maxErrors: MAX_PROBLEMS });
  if (!errors) return coerced;
  const message = errors.map((error) => error.message.replace(SUGGESTION, '')).join(' ');
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', problems: errors.map(problemOf) } });
}

function problemOf({ message }: GraphQLError): Problem {
  const [, name = '', place, why = message] = MESSAGE.exec(message) ?? [];
  const sentence = why.startsWith('of ') ? `A value ${why}` : why;
  return { path: pathOf(place ?? name), message: sentence.replace(SUGGESTION, '') };
}

/** `input.tags[1]` as its parts. */
function pathOf(place: string): readonly (string | number)[] {
  return [...place.matchAll(/(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
}
