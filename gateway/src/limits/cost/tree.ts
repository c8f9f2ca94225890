import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import { type Formula, greatest, plus, times, type Variables } from './formula.ts';
import { countSlices, listLength } from './list-length.ts';
import type { CostRules } from './rules.ts';
import { type Collect, conditionKey, conditionOf, createCollect, type Selected } from './selected.ts';
import type { FieldWeight, Weights } from './weights.ts';

/** One field of an answer, however often the document selects it. */
export interface FieldCost {
  readonly key: string;
  readonly node: FieldNode;
  readonly isList: boolean;
  /** Of its arguments: once a call. */
  readonly call: number;
  /** Of each thing that it gives, without what is selected of it. */
  readonly each: number;
  readonly children: SetCost | null;
  /** All of it, for one parent. */
  readonly estimate: Formula;
}

/** A selection: its fields, of whichever type they are, and what the dearest of the types that may come is estimated at. */
export interface SetCost {
  readonly fields: readonly FieldCost[];
  readonly estimate: Formula;
}

/** A list whose length is told further up: the fields on the way to it, and what tells it. */
interface Sized {
  readonly path: readonly string[];
  readonly length: Formula;
  readonly id: string;
}

export interface Costing {
  readonly schema: GraphQLSchema;
  readonly weights: Weights;
  readonly rules: CostRules;
}

/** Takes a field that is asked for without exactly one of the arguments of which it needs one. */
export type OnWrongSlices = (node: FieldNode, names: readonly string[], found: number) => void;

const NOTHING: SetCost = { fields: [], estimate: 0 };

/**
 * Compiles the cost of an operation: once a document.
 *
 * @returns also how many fields were made for it, of which several may be of one place
 */
export function compileCost(
  costing: Costing,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  onWrongSlices: OnWrongSlices,
): { readonly root: SetCost; readonly size: number } {
  const root = costing.schema.getRootType(operation.operation);
  if (!root) return { root: NOTHING, size: 0 };
  const collect = createCollect(costing.schema, document);
  const compiler = new Compiler(costing, collect, defaultsOf(operation), onWrongSlices);
  return { root: compiler.set(root, collect(root.name, operation.selectionSet, []), []), size: compiler.size };
}

class Compiler {
  readonly #costing: Costing;
  readonly #collect: Collect;
  readonly #defaults: Variables;
  readonly #onWrongSlices: OnWrongSlices;
  /** By what decides it: an interface of many types within itself would else be compiled their number to the power of its depth. */
  readonly #known = new Map<string, SetCost>();
  readonly #ids = new Map<FieldNode, number>();
  /** Fields made so far. */
  size = 0;

  constructor(costing: Costing, collect: Collect, defaults: Variables, onWrongSlices: OnWrongSlices) {
    this.#costing = costing;
    this.#collect = collect;
    this.#defaults = defaults;
    this.#onWrongSlices = onWrongSlices;
  }

  /** @param parent an object, or an interface of which only its own fields are asked */
  set(
    parent: GraphQLCompositeType,
    selected: ReadonlyMap<string, readonly Selected[]>,
    sized: readonly Sized[],
  ): SetCost {
    const fields: FieldCost[] = [];
    let estimate: Formula = 0;
    for (const [key, each] of selected) {
      const made = this.#field(parent, key, each, sized);
      if (!made) continue;
      fields.push(made);
      this.size += 1;
      estimate = plus(estimate, made.estimate);
    }
    return { fields, estimate };
  }

  #field(
    parent: GraphQLCompositeType,
    key: string,
    selected: readonly Selected[],
    sized: readonly Sized[],
  ): FieldCost | null {
    const node = selected[0]?.node;
    const field = node && !isUnionType(parent) ? parent.getFields()[node.name.value] : undefined;
    // What asks about the schema costs no subgraph anything.
    if (!node || !field) return null;
    const weight = this.#costing.weights.of(parent.name, field);
    this.#verifySlices(weight, field, node);
    const type = getNamedType(field.type);
    const below = this.#below(`${parent.name}.${field.name}`, field, node, weight, sized);
    const children = isCompositeType(type) ? this.#children(type, selected, below) : null;
    const call = (node.arguments ?? []).reduce((sum, { name }) => sum + (weight.arguments.get(name.value) ?? 0), 0);
    const things = times(this.#length(field, node, weight, sized), plus(weight.each, children?.estimate ?? 0));
    const estimate = times(conditionOf(selected, this.#defaults), plus(call, things));
    return { key, node, isList: weight.lists > 0, call, each: weight.each, children, estimate };
  }

  #length(
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    weight: FieldWeight,
    sized: readonly Sized[],
  ): Formula {
    if (weight.lists === 0) return 1;
    const { rules } = this.#costing;
    const told = sized.find(({ path }) => path.length === 1 && path[0] === field.name)?.length;
    const own = weight.listSize && weight.listSize.sizedFields.length === 0 ? weight.listSize : null;
    const length = told ?? listLength(own, field, node, this.#defaults, rules);
    return times(length, rules.listSize ** (weight.lists - 1));
  }

  /** What is told of lists further down: by this field, and by those above it that meant them. */
  #below(
    coordinate: string,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    { listSize }: FieldWeight,
    sized: readonly Sized[],
  ): readonly Sized[] {
    const passed = sized
      .filter(({ path }) => path.length > 1 && path[0] === field.name)
      .map((each) => ({ ...each, path: each.path.slice(1) }));
    if (!listSize || listSize.sizedFields.length === 0) return passed;
    const length = listLength(listSize, field, node, this.#defaults, this.#costing.rules);
    const id = `${coordinate}#${this.#idOf(node)}`;
    return [...passed, ...listSize.sizedFields.map((path) => ({ path, length, id }))];
  }

  #children(type: GraphQLCompositeType, selected: readonly Selected[], sized: readonly Sized[]): SetCost {
    const key = JSON.stringify([
      type.name,
      selected.map((each) => `${this.#idOf(each.node)}${conditionKey(each)}`),
      sized.map(({ id, path }) => [id, path]),
    ]);
    const found = this.#known.get(key);
    if (found) return found;
    const made = this.#ofTypes(type, selected, sized);
    this.#known.set(key, made);
    return made;
  }

  #ofTypes(type: GraphQLCompositeType, selected: readonly Selected[], sized: readonly Sized[]): SetCost {
    const setOf = (each: GraphQLCompositeType) => {
      const into = new Map<string, Selected[]>();
      for (const { node, conditions } of selected)
        if (node.selectionSet) this.#collect(each.name, node.selectionSet, conditions, into);
      return this.set(each, into, sized);
    };
    // An interface of which only its own fields are asked is as dear whatever comes.
    if (!isAbstractType(type) || !selected.some(branches)) return setOf(type);
    const sets = this.#costing.schema.getPossibleTypes(type).map(setOf);
    return {
      fields: [...new Map(sets.flatMap(({ fields }) => fields.map((each) => [each.key, each] as const))).values()],
      estimate: sets.map(({ estimate }) => estimate).reduce(greatest, 0),
    };
  }

  #verifySlices({ listSize }: FieldWeight, field: GraphQLField<unknown, unknown>, node: FieldNode): void {
    if (!listSize?.requireOneSlicingArgument || listSize.slicingArguments.length === 0) return;
    const found = countSlices(listSize, field, node);
    const names = listSize.slicingArguments.map((path) => path.join('.'));
    if (found !== 1) this.#onWrongSlices(node, names, found);
  }

  #idOf(node: FieldNode): number {
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    this.#ids.set(node, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/** Whether what is selected depends on the type that comes. */
function branches({ node }: Selected): boolean {
  return node.selectionSet?.selections.some((each) => each.kind !== Kind.FIELD) ?? false;
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Variables {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
}
