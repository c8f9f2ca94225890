import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { deniedError } from './denied.ts';
import { type Caller, denialOf, isMet, type Need } from './need.ts';
import type { Needs } from './needs.ts';
import { createSorting } from './sorts.ts';

/** Kept, each with a schema of its own; further sorts of callers push out those not seen for longest. */
const MAX_SCHEMAS = 64;

/**
 * What of a schema a caller reaches.
 *
 * @throws GraphQLError UNAUTHENTICATED or FORBIDDEN when nothing is left to ask
 */
export type Reachable = (caller: Caller) => GraphQLSchema;

/**
 * The schema as each sort of caller reaches it: without the fields that it may not have, and without the types, arguments, enum
 * values and members of unions that nothing else leads to. What is left is a valid schema. Made once for each answer that the
 * directives can give, so for each set of scopes and policies, and when somebody asks for it.
 *
 * @param schema the public schema
 */
export function createReachable(schema: GraphQLSchema, needs: Needs): Reachable {
  const sortOf = createSorting(allNeeds(schema, needs));
  const known = new LRUCache<string, { readonly schema: GraphQLSchema | null }>({ max: MAX_SCHEMAS });
  return (caller) => {
    const key = sortOf(caller);
    const found = known.get(key) ?? { schema: reach(schema, needs, caller) };
    known.set(key, found);
    if (!found.schema) throw deniedError(denialOf(caller), []);
    return found.schema;
  };
}

function allNeeds(schema: GraphQLSchema, needs: Needs): readonly Need[] {
  const types = Object.values(schema.getTypeMap());
  return types.flatMap((type) => [
    needs.ofType(type.name),
    ...outputFields(type).map(({ name }) => needs.of(type.name, name)),
  ]);
}

function reach(schema: GraphQLSchema, needs: Needs, caller: Caller): GraphQLSchema | null {
  const hidden = new Hidden(schema);
  hidden.closeUnmet(needs, caller);
  while (hidden.spread());
  if (hidden.hasType(schema.getQueryType())) return null;
  const left = mapSchema(schema, {
    [MapperKind.TYPE]: (type) => (hidden.hasType(type) ? null : type),
    [MapperKind.COMPOSITE_FIELD]: (config, name, typeName) => (hidden.hasField(typeName, name) ? null : config),
  });
  return pruneSchema(left);
}

/** What a caller does not see; it grows until what is left holds together. */
class Hidden {
  readonly #schema: GraphQLSchema;
  readonly #types: readonly GraphQLNamedType[];
  /** `Type`, `Type.field`. */
  readonly #names = new Set<string>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
    this.#types = Object.values(schema.getTypeMap()).filter(
      (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
    );
  }

  hasType(type: GraphQLNamedType | null | undefined): boolean {
    return type ? this.#names.has(type.name) : true;
  }

  hasField(type: string, field: string): boolean {
    return this.#names.has(`${type}.${field}`);
  }

  closeUnmet(needs: Needs, caller: Caller): void {
    for (const type of this.#types) {
      if (!isMet(needs.ofType(type.name), caller)) this.#names.add(type.name);
      for (const { name } of outputFields(type))
        if (!isMet(needs.of(type.name, name), caller)) this.#names.add(`${type.name}.${name}`);
    }
  }

  /** @returns whether anything more is hidden now */
  spread(): boolean {
    const before = this.#names.size;
    for (const type of this.#types) {
      for (const field of outputFields(type)) if (this.#isLost(field)) this.#names.add(`${type.name}.${field.name}`);
      if (this.#isEmpty(type)) this.#names.add(type.name);
      this.#closeOnInterfaces(type);
    }
    return this.#names.size > before;
  }

  /** What it gives is hidden, or what it cannot be asked without. */
  #isLost({ type, args }: GraphQLField<unknown, unknown>): boolean {
    return this.#isHidden({ type }) || args.some((each) => isRequiredArgument(each) && this.#isHidden(each));
  }

  #isHidden({ type }: Pick<GraphQLField<unknown, unknown> | GraphQLArgument | GraphQLInputField, 'type'>): boolean {
    return this.hasType(getNamedType(type));
  }

  /** Nothing is left of it, or it cannot be given without what is hidden. */
  #isEmpty(type: GraphQLNamedType): boolean {
    if (isUnionType(type)) return type.getTypes().every((member) => this.hasType(member));
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      const isUseless = fields.every((field) => this.#isHidden(field));
      return isUseless || fields.some((field) => isRequiredInputField(field) && this.#isHidden(field));
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return false;
    const isBare = outputFields(type).every(({ name }) => this.hasField(type.name, name));
    return isBare || (isInterfaceType(type) && this.#schema.getPossibleTypes(type).every((each) => this.hasType(each)));
  }

  /** An object has every field of its interfaces (GraphQL, section 3.6), so what it lacks they cannot promise. */
  #closeOnInterfaces(type: GraphQLNamedType): void {
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    if (this.hasType(type)) return;
    for (const each of type.getInterfaces())
      for (const name of Object.keys(each.getFields()))
        if (this.hasField(type.name, name)) this.#names.add(`${each.name}.${name}`);
  }
}

function outputFields(type: GraphQLNamedType): readonly GraphQLField<unknown, unknown>[] {
  return isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
}
