import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import type { TypeMatcher } from './rewrite.ts';

/** Names that belong to the composition itself: a client never sees them. */
const MACHINERY = /^(__|(join|link|core|context|policy|federation|connect)__)/;
const SPECIFIED = new Set(['deprecated', 'specifiedBy', 'oneOf', 'include', 'skip']);

/** The schema that clients see, from the planner's SDL without the rest of federation's machinery. */
export function publicSchema(sdl: string): GraphQLSchema {
  const document = parse(sdl, { noLocation: true });
  const definitions = document.definitions.filter((definition) => {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION)
      return SPECIFIED.has(definition.name.value) && !isBuiltIn(definition.name.value);
    return !('name' in definition && definition.name && MACHINERY.test(definition.name.value));
  });
  return buildASTSchema({ ...document, definitions: definitions.map(withoutIntrospection) }, { assumeValid: true });
}

/** The planner lists `__schema` and `__type` as if they were fields like others; every schema has them anyway. */
function withoutIntrospection(definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition;
  return { ...definition, fields: (definition.fields ?? []).filter(({ name }) => !name.value.startsWith('__')) };
}

function isBuiltIn(name: string): boolean {
  return name === 'include' || name === 'skip' || name === 'deprecated' || name === 'specifiedBy' || name === 'oneOf';
}

/** What executing a plan asks about types. */
export interface Types {
  /** Of the supergraph, hidden types and fields included. */
  readonly schema: GraphQLSchema;
  readonly matches: TypeMatcher;
  /** Answers whether a name is that of an interface or a union. */
  isAbstract(typename: unknown): boolean;
}

/**
 * Types of the whole supergraph: an object satisfies conditions on its own name, its interfaces and its unions. Types that
 * clients may not see count too, since representations may be made of them.
 */
export function typesOf(supergraph: DocumentNode): Types {
  const schema = buildASTSchema(supergraph, { assumeValid: true, assumeValidSDL: true });
  return {
    schema,
    matches: (typename, condition) => {
      if (typename === condition) return true;
      const abstract = schema.getType(condition);
      const object = schema.getType(typename);
      return isAbstractType(abstract) && isObjectType(object) && schema.isSubType(abstract, object);
    },
    isAbstract: (typename) => typeof typename === 'string' && isAbstractType(schema.getType(typename)),
  };
}
