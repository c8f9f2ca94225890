import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { accessDirectives, type ReadNeed } from './directives.ts';
import { interfacesGiving } from './interface-objects.ts';
import type { AnyOf, Need } from './need.ts';

/** What each field of a supergraph asks of a caller. */
export interface Needs {
  /** @param type the type that the field was selected on, which may be an interface */
  of(type: string, field: string): Need;
  /** What a type keeps to itself: any type, also one that is only ever given. */
  ofType(type: string): Need;
}

/**
 * What a field asks, all of it together: its own directives; those of the type that it is selected on and of the type that it
 * gives; those of every field that a subgraph needs for it (`@requires`), since its answer may tell theirs; all of these of the same
 * field on an interface that gives it to the object (`@interfaceObject`); and on an interface those of the field on each object
 * behind it, since it is not known before which one comes.
 *
 * @param schema of the whole supergraph, hidden types and fields included
 */
export function readNeeds(supergraph: DocumentNode, schema: GraphQLSchema): Needs {
  const reader = new Reader(accessDirectives(supergraph), schema);
  return { of: (type, field) => reader.needOf(type, field), ofType: (type) => reader.needOfType(type) };
}

const OPEN: Need = [];

class Reader {
  /** By type, then by field. */
  readonly #known = new Map<string, Map<string, Need>>();
  readonly #read: ReadNeed;
  readonly #schema: GraphQLSchema;

  constructor(read: ReadNeed, schema: GraphQLSchema) {
    this.#read = read;
    this.#schema = schema;
  }

  needOf(typeName: string, fieldName: string): Need {
    let ofType = this.#known.get(typeName);
    if (!ofType) this.#known.set(typeName, (ofType = new Map()));
    const known = ofType.get(fieldName);
    if (known) return known;
    const distinct = new Map<string, AnyOf>();
    for (const anyOf of this.#ofField(typeName, fieldName, new Set())) distinct.set(JSON.stringify(anyOf), anyOf);
    const need = [...distinct.values()];
    ofType.set(fieldName, need);
    return need;
  }

  needOfType(name: string): Need {
    const type = this.#schema.getType(name);
    return type ? this.#ofType(type) : OPEN;
  }

  /** @param seen fields that count already: those that need each other in a circle each count once */
  #ofField(typeName: string, fieldName: string, seen: Set<string>): Need {
    const key = `${typeName}.${fieldName}`;
    const type = this.#schema.getType(typeName);
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
    if (!type || !field || seen.has(key)) return OPEN;
    seen.add(key);
    const behind = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
    return [
      ...this.#read(field.astNode),
      ...this.#ofType(type),
      ...this.#ofType(getNamedType(field.type)),
      ...requiredSets(field).flatMap((set) => this.#ofSet(set, type, seen)),
      ...(isObjectType(type)
        ? interfacesGiving(type, fieldName).flatMap((each) => this.#given(each, type, fieldName, seen))
        : OPEN),
      ...behind.flatMap(({ name }) => this.#ofField(name, fieldName, seen)),
    ];
  }

  /** What an interface says of a field that it gives to an object behind it, whose other fields it may need for that. */
  #given(from: GraphQLInterfaceType, type: GraphQLObjectType, fieldName: string, seen: Set<string>): Need {
    const field = from.getFields()[fieldName];
    if (!field) return OPEN;
    const required = requiredSets(field).flatMap((set) => this.#ofSet(set, type, seen));
    return [...this.#read(field.astNode), ...this.#ofType(from), ...required];
  }

  #ofType(type: GraphQLNamedType): Need {
    return [type.astNode, ...type.extensionASTNodes].flatMap((node) => this.#read(node));
  }

  #ofSet({ selections }: SelectionSetNode, type: GraphQLNamedType, seen: Set<string>): Need {
    return selections.flatMap((node): Need => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return OPEN;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const condition = node.typeCondition && this.#schema.getType(node.typeCondition.name.value);
        return this.#ofSet(node.selectionSet, condition ?? type, seen);
      }
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
      if (!field) return OPEN;
      const inner = getNamedType(field.type);
      const below = node.selectionSet && isCompositeType(inner) ? this.#ofSet(node.selectionSet, inner, seen) : OPEN;
      return [...this.#ofField(type.name, field.name, seen), ...below];
    });
  }
}

/** The field sets that subgraphs need before they can resolve a field (join 0.3 and later: `@join__field(requires:)`). */
function requiredSets({ astNode }: GraphQLField<unknown, unknown>): readonly SelectionSetNode[] {
  const joins = astNode?.directives?.filter(({ name }) => name.value === 'join__field') ?? [];
  return joins.flatMap(({ arguments: given }) => {
    const value = given?.find(({ name }) => name.value === 'requires')?.value;
    if (value?.kind !== Kind.STRING) return [];
    const [definition] = parse(`{ ${value.value} }`, { noLocation: true }).definitions;
    return definition?.kind === Kind.OPERATION_DEFINITION ? [definition.selectionSet] : [];
  });
}
