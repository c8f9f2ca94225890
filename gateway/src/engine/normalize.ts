import {
  type FieldNode,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type OperationTypeNode,
  print,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import { collect, type Reading } from './collect.ts';
import type { FetchKeys } from './fetch-keys.ts';
import { numberLiteral, stringLiteral } from './literals.ts';

const TYPENAME = '__typename';
const NOTHING = `{${TYPENAME}}`;
const NO_NAMES: readonly string[] = [];

/** An operation without conditions and named fragments: each field once, by a name that collides with nothing. */
export interface NormalOperation {
  readonly kind: OperationTypeNode;
  readonly name: string | undefined;
  /** The definitions of those variables that it uses, by name. */
  readonly variables: ReadonlyMap<string, string>;
  readonly selection: NormalSet;
  /** What was drawn for progressive overrides, as `draw` does; left out: 0. */
  readonly drawn?: number;
}

export interface NormalSet {
  readonly typename: string;
  readonly fields: readonly NormalField[];
  /** For some objects of the type only. */
  readonly narrower: readonly NormalSet[];
  /** Whether which object it is has to be asked, on an abstract type. */
  readonly isTold: boolean;
}

export interface NormalField {
  /** What it is called in fetches. */
  readonly key: string;
  readonly name: string;
  /** Its arguments as they are written. */
  readonly given: string;
  /** Those that stand in its arguments. */
  readonly variables: readonly string[];
  /** Null for a leaf. */
  readonly below: NormalSet | null;
}

/**
 * An operation as planners get it; they differ in what else they understand.
 *
 * @returns null when there is nothing to ask a subgraph
 * @throws GraphQLError BAD_USER_INPUT for a number that no planner keeps
 */
export function normalizeOperation(
  { operation, name, selectionSet, variableDefinitions = [] }: OperationDefinitionNode,
  reading: Reading,
  keys: FetchKeys,
): NormalOperation | null {
  const root = reading.schema.getRootType(operation);
  if (!root) return null;
  const reader = new Reader(reading, keys);
  const selection = reader.set([selectionSet], root.name);
  if (selection.fields.length === 0 && selection.narrower.length === 0) return null;
  const variables = new Map<string, string>();
  for (const definition of variableDefinitions) {
    const { value } = definition.variable.name;
    if (reader.variables.has(value)) variables.set(value, reader.definition(definition));
  }
  return { kind: operation, name: name?.value, variables, selection };
}

/**
 * The text of an operation, without spaces that say nothing: a tree of graphql-js that is printed took as long as half of the
 * native planner's own work.
 */
export function textOf({ kind, name, variables, selection }: NormalOperation): string {
  const definitions = variables.size > 0 ? `(${[...variables.values()].join(' ')})` : '';
  return `${kind} ${name ?? ''}${definitions}${textOfSet(selection)}`;
}

function textOfSet({ fields, narrower, isTold }: NormalSet): string {
  const parts = isTold ? [TYPENAME] : [];
  for (const { key, name, given, below } of fields)
    parts.push(`${key === name ? '' : `${key}:`}${name}${given}${below ? textOfSet(below) : ''}`);
  for (const each of narrower) parts.push(`...on ${each.typename}${textOfSet(each)}`);
  return parts.length > 0 ? `{${parts.join(' ')}}` : NOTHING;
}

class Reader {
  /** Those that stand in what was read. */
  readonly variables = new Set<string>();
  readonly #reading: Reading;
  readonly #keys: FetchKeys;

  constructor(reading: Reading, keys: FetchKeys) {
    this.#reading = reading;
    this.#keys = keys;
  }

  /** Directives on it are for whoever reads the client's document. */
  definition({ variable, type, defaultValue }: VariableDefinitionNode): string {
    const fallback = defaultValue ? `=${this.#value(defaultValue, [])}` : '';
    return `$${variable.name.value}:${print(type)}${fallback}`;
  }

  set(sets: readonly SelectionSetNode[], typename: string): NormalSet {
    const collected = collect(sets, typename, this.#reading);
    const fields: NormalField[] = [];
    let isTold = false;
    for (const nodes of collected.fields.values()) {
      const [field] = nodes;
      if (field?.name.value === TYPENAME) isTold ||= isAbstractType(this.#reading.schema.getType(typename));
      if (field && !field.name.value.startsWith('__')) fields.push(this.#field(field, nodes, typename));
    }
    const narrower = [...collected.narrower].map(([condition, inner]) => this.set(inner, condition));
    return { typename, fields, narrower, isTold };
  }

  #field(field: FieldNode, nodes: readonly FieldNode[], typename: string): NormalField {
    const name = field.name.value;
    const variables: string[] = [];
    const written = field.arguments?.map((each) => `${each.name.value}:${this.#value(each.value, variables)}`);
    const type = this.#typeOf(typename, name);
    return {
      key: this.#keys.keyOf(field),
      name,
      given: written?.length ? `(${written.join(' ')})` : '',
      variables: variables.length > 0 ? variables : NO_NAMES,
      below: type
        ? this.set(
            nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
            type,
          )
        : null,
    };
  }

  /** @param used gets the variables */
  #value(node: ValueNode, used: string[]): string {
    switch (node.kind) {
      case Kind.VARIABLE:
        this.variables.add(node.name.value);
        used.push(node.name.value);
        return `$${node.name.value}`;
      case Kind.LIST:
        return `[${node.values.map((value) => this.#value(value, used)).join(' ')}]`;
      case Kind.OBJECT:
        return `{${node.fields.map(({ name, value }) => `${name.value}:${this.#value(value, used)}`).join(' ')}}`;
      case Kind.INT:
      case Kind.FLOAT:
        return numberLiteral(node);
      case Kind.STRING:
        return stringLiteral(node.value);
      case Kind.ENUM:
        return node.value;
      default:
        return print(node);
    }
  }

  /** The name of the type that a field's own fields are on; undefined for a leaf. */
  #typeOf(typename: string, name: string): string | undefined {
    const type = this.#reading.schema.getType(typename);
    const field = type && 'getFields' in type && isCompositeType(type) ? type.getFields()[name] : undefined;
    const named = field && getNamedType(field.type);
    return named && isCompositeType(named) ? named.name : undefined;
  }
}
