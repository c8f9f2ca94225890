import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { responseKeyOf } from '../collect.ts';
import type { TypeMatcher } from '../rewrite.ts';
import { HEADER, NOT_PLAIN } from './tape.ts';

/** An object of an answer as it was asked for: its fields in the order in which a subgraph tells them (GraphQL, section 7.2.2). */
export interface ObjectShape {
  readonly typename: string;
  readonly fields: readonly FieldShape[];
  /** Which of an operation's answers it stands in. */
  readonly answer: number;
  /** Where in its record the places begin of what later answers tell of it. */
  readonly links: number;
  /** Numbers of its record; grows while a layout is made. */
  size: number;
}

export interface FieldShape {
  readonly responseKey: string;
  /** As it stands before the value. */
  readonly key: Buffer;
  /** Where in the record. */
  readonly slot: number;
  /** Among the fields. */
  readonly index: number;
  readonly value: ValueShape;
}

export type ValueShape = {
  readonly isNonNull: boolean;
  /** Lists around it. */
  readonly item: ValueShape | null;
} & Content;

type Content =
  | { readonly kind: 'object'; readonly below: ObjectShape }
  /** One name and no other, with its quotes. */
  | { readonly kind: 'typename'; readonly text: Buffer }
  | { readonly kind: 'enum'; readonly names: ReadonlySet<string> }
  | { readonly kind: 'scalar' }
  /** Any JSON. */
  | { readonly kind: 'opaque' };

/** What shapes are made with. */
export interface Shaping {
  /** Of the whole supergraph. */
  readonly schema: GraphQLSchema;
  readonly matches: TypeMatcher;
}

/**
 * What an operation's answer looks like.
 *
 * @param document of one operation
 * @throws NOT_PLAIN where that depends on what a subgraph finds
 */
export function shapeOfRoot(document: DocumentNode, answer: number, shaping: Shaping): ObjectShape {
  const [operation] = document.definitions;
  if (document.definitions.length !== 1 || operation?.kind !== Kind.OPERATION_DEFINITION) throw NOT_PLAIN;
  const root = shaping.schema.getRootType(operation.operation);
  if (!root) throw NOT_PLAIN;
  return new Shaper(answer, shaping).object([operation.selectionSet], root);
}

class Shaper {
  readonly #answer: number;
  readonly #shaping: Shaping;

  constructor(answer: number, shaping: Shaping) {
    this.#answer = answer;
    this.#shaping = shaping;
  }

  object(sets: readonly SelectionSetNode[], type: GraphQLObjectType): ObjectShape {
    const asked = new Map<string, FieldNode[]>();
    for (const set of sets) this.#collect(set.selections, type, asked);
    let size = HEADER;
    const fields = [...asked].map(([responseKey, nodes], index): FieldShape => {
      const value = this.#field(nodes, type);
      const slot = size;
      size += value.kind === 'typename' ? 0 : value.kind === 'object' ? 3 : 2;
      return { responseKey, key: Buffer.from(`${JSON.stringify(responseKey)}:`), slot, index, value };
    });
    return { typename: type.name, fields, answer: this.#answer, links: size, size };
  }

  #collect(selections: readonly SelectionNode[], type: GraphQLObjectType, into: Map<string, FieldNode[]>): void {
    for (const node of selections) {
      if (node.directives?.length || node.kind === Kind.FRAGMENT_SPREAD) throw NOT_PLAIN;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const condition = node.typeCondition?.name.value ?? type.name;
        if (this.#shaping.matches(type.name, condition)) this.#collect(node.selectionSet.selections, type, into);
        continue;
      }
      const known = into.get(responseKeyOf(node));
      if (known) known.push(node);
      else into.set(responseKeyOf(node), [node]);
    }
  }

  #field(nodes: readonly FieldNode[], type: GraphQLObjectType): ValueShape {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    if (name === '__typename')
      return { isNonNull: true, item: null, kind: 'typename', text: Buffer.from(JSON.stringify(type.name)) };
    if (name === '_entities') return this.#entities(nodes);
    const field = type.getFields()[name];
    if (!field) throw NOT_PLAIN;
    return around(field.type, this.#content(field.type, nodes));
  }

  /** Of entities that are all of one type, which the representations say. */
  #entities(nodes: readonly FieldNode[]): ValueShape {
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const names = sets.flatMap(({ selections }) =>
      selections.flatMap((node) => (node.kind === Kind.INLINE_FRAGMENT ? (node.typeCondition?.name.value ?? []) : [])),
    );
    const type = this.#shaping.schema.getType(names[0] ?? '');
    if (!isObjectType(type) || names.some((name) => name !== type.name)) throw NOT_PLAIN;
    const content: Content = { kind: 'object', below: this.object(sets, type) };
    return { isNonNull: true, ...content, item: { isNonNull: true, item: null, ...content } };
  }

  #content(type: GraphQLOutputType, nodes: readonly FieldNode[]): Content {
    const named = getNamedType(type);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(named)) return { kind: 'object', below: this.object(sets, named) };
    if (sets.length > 0) throw NOT_PLAIN;
    if (isEnumType(named)) return { kind: 'enum', names: new Set(named.getValues().map(({ name }) => `"${name}"`)) };
    return { kind: isSpecifiedScalarType(named) ? 'scalar' : 'opaque' };
  }
}

/** Puts the lists and nulls of a type around a value. */
function around(type: GraphQLOutputType, content: Content): ValueShape {
  const isNonNull = isNonNullType(type);
  const inner = isNonNull ? type.ofType : type;
  return { isNonNull, ...content, item: isListType(inner) ? around(inner.ofType, content) : null };
}
