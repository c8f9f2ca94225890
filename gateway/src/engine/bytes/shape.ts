import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLEnumType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  type InlineFragmentNode,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf, type Reading, responseKeyOf } from '../collect.ts';
import type { TypeMatcher } from '../rewrite.ts';
import { type ScalarKind, scalarKindOf } from '../scalars.ts';
import { type Text, textOf } from './page.ts';
import { HEADER, NOT_PLAIN } from './tape.ts';

/** An object of an answer as it was asked for: its fields in the order in which a subgraph tells them (GraphQL, section 7.2.2). */
export interface ObjectShape {
  readonly typename: string;
  readonly fields: readonly FieldShape[];
  /** The same fields as they are read: what stands before each value that may be any, and behind the last. */
  readonly values: readonly { readonly before: Text; readonly field: FieldShape }[];
  readonly end: Text;
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
  readonly key: string;
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
  | { readonly kind: 'typename'; readonly text: string }
  | { readonly kind: 'enum'; readonly names: ReadonlySet<string> }
  | { readonly kind: ScalarKind }
  /** Any JSON. */
  | { readonly kind: 'opaque' };

/** What shapes are made with. */
export interface Shaping {
  /** Of the whole supergraph. */
  readonly schema: GraphQLSchema;
  /** What clients see: of an enum that they see, perhaps not every value (`@inaccessible`). */
  readonly shown: GraphQLSchema;
  readonly matches: TypeMatcher;
}

/**
 * What an operation's answer looks like.
 *
 * @param document of one operation
 * @throws NOT_PLAIN where that depends on what a subgraph finds
 */
export function shapeOfRoot(document: DocumentNode, answer: number, shaping: Shaping): ObjectShape {
  const operation = getOperationAST(document);
  const root = operation && shaping.schema.getRootType(operation.operation);
  if (!root) throw NOT_PLAIN;
  return new Shaper(answer, shaping, fragmentsOf(document)).object([operation.selectionSet], root);
}

class Shaper {
  readonly #answer: number;
  readonly #shaping: Shaping;
  readonly #fragments: Reading['fragments'];

  constructor(answer: number, shaping: Shaping, fragments: Reading['fragments']) {
    this.#answer = answer;
    this.#shaping = shaping;
    this.#fragments = fragments;
  }

  object(sets: readonly SelectionSetNode[], type: GraphQLObjectType): ObjectShape {
    const asked = new Map<string, FieldNode[]>();
    for (const set of sets) this.#collect(set.selections, type, asked);
    let size = HEADER;
    const fields = [...asked].map(([responseKey, nodes], index): FieldShape => {
      const value = this.#field(nodes, type);
      const slot = size;
      size += value.kind === 'typename' ? 0 : value.kind === 'object' ? 3 : 2;
      return { responseKey, key: `${JSON.stringify(responseKey)}:`, slot, index, value };
    });
    return { typename: type.name, fields, ...reading(fields), answer: this.#answer, links: size, size };
  }

  #collect(selections: readonly SelectionNode[], type: GraphQLObjectType, into: Map<string, FieldNode[]>): void {
    for (const node of selections) {
      if (node.directives?.length) throw NOT_PLAIN;
      if (node.kind === Kind.FIELD) {
        const known = into.get(responseKeyOf(node));
        if (known) known.push(node);
        else into.set(responseKeyOf(node), [node]);
        continue;
      }
      const fragment = this.#fragmentOf(node);
      const condition = fragment.typeCondition?.name.value ?? type.name;
      if (this.#shaping.matches(type.name, condition)) this.#collect(fragment.selectionSet.selections, type, into);
    }
  }

  #fragmentOf(node: InlineFragmentNode | FragmentSpreadNode): InlineFragmentNode | FragmentDefinitionNode {
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(node.name.value) : node;
    if (!fragment) throw NOT_PLAIN;
    return fragment;
  }

  #field(nodes: readonly FieldNode[], type: GraphQLObjectType): ValueShape {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    if (name === '__typename')
      return { isNonNull: true, item: null, kind: 'typename', text: JSON.stringify(type.name) };
    if (name === '_entities') return this.#entities(nodes);
    const field = type.getFields()[name];
    if (!field) throw NOT_PLAIN;
    return around(field.type, this.#content(field.type, nodes));
  }

  /** Of entities that are all of one type, which the representations say. */
  #entities(nodes: readonly FieldNode[]): ValueShape {
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const names = sets.flatMap(({ selections }) =>
      selections.flatMap((node) => {
        const fragment = node.kind === Kind.FIELD ? null : this.#fragmentOf(node);
        return fragment?.typeCondition?.name.value ?? [];
      }),
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
    if (isEnumType(named)) return { kind: 'enum', names: this.#names(named) };
    return { kind: (isScalarType(named) && scalarKindOf(named)) || 'opaque' };
  }

  /** Values with their quotes: those that clients may see, where they see the enum at all. */
  #names(type: GraphQLEnumType): ReadonlySet<string> {
    const shown = this.#shaping.shown.getType(type.name);
    const values = isEnumType(shown) ? shown.getValues() : type.getValues();
    return new Set(values.map(({ name }) => `"${name}"`));
  }
}

/** Puts together what stands between values: names, and the object's own name, which is known. */
export function reading(fields: readonly FieldShape[]): Pick<ObjectShape, 'values' | 'end'> {
  const values: { before: Text; field: FieldShape }[] = [];
  let before = '{';
  for (const [nth, field] of fields.entries()) {
    before += `${nth > 0 ? ',' : ''}${field.key}`;
    if (field.value.kind === 'typename') before += field.value.text;
    else {
      values.push({ before: textOf(before), field });
      before = '';
    }
  }
  return { values, end: textOf(`${before}}`) };
}

/** Puts the lists and nulls of a type around a value. */
function around(type: GraphQLOutputType, content: Content): ValueShape {
  const isNonNull = isNonNullType(type);
  const inner = isNonNull ? type.ofType : type;
  return { isNonNull, ...content, item: isListType(inner) ? around(inner.ofType, content) : null };
}
