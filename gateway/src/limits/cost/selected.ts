import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Formula, greatest, type Variables, variableIn } from './formula.ts';

/** A field as it was selected, with the conditions of everything around it. */
export interface Selected {
  readonly node: FieldNode;
  readonly conditions: readonly Condition[];
}

/** A variable of `@include` or `@skip` that has to be so for a field to be in the answer. */
interface Condition {
  readonly variable: string;
  readonly wanted: boolean;
}

/** Fields of a selection that apply to a type, by response key (GraphQL, 6.3.2). */
export type Collect = (
  type: string,
  set: SelectionSetNode,
  conditions: readonly Condition[],
  into?: Map<string, Selected[]>,
) => Map<string, Selected[]>;

export function createCollect(schema: GraphQLSchema, document: DocumentNode): Collect {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);

  const satisfies = (type: string, condition: string): boolean => {
    if (type === condition) return true;
    const [abstract, object] = [schema.getType(condition), schema.getType(type)];
    return isAbstractType(abstract) && isObjectType(object) && schema.isSubType(abstract, object);
  };

  const setOf = (type: string, node: Exclude<SelectionNode, FieldNode>): SelectionSetNode | null => {
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    const on = fragment?.typeCondition?.name.value;
    return fragment && (on === undefined || satisfies(type, on)) ? fragment.selectionSet : null;
  };

  const collect: Collect = (type, { selections }, around, into = new Map()) => {
    for (const node of selections) {
      const own = conditionsOf(node);
      if (own === null) continue;
      const conditions = own.length > 0 ? [...around, ...own] : around;
      if (node.kind === Kind.FIELD) {
        note(into, { node, conditions });
        continue;
      }
      const set = setOf(type, node);
      if (set) collect(type, set, conditions, into);
    }
    return into;
  };
  return collect;
}

function note(into: Map<string, Selected[]>, selected: Selected): void {
  const key = selected.node.alias?.value ?? selected.node.name.value;
  const found = into.get(key);
  if (found) found.push(selected);
  else into.set(key, [selected]);
}

/** 1 where any of the selections of one field is in the answer, else 0. */
export function conditionOf(selected: readonly Selected[], defaults: Variables): Formula {
  return selected.map(({ conditions }) => all(conditions, defaults)).reduce(greatest);
}

/** What tells one way of being selected from another. */
export function conditionKey({ conditions }: Selected): string {
  return conditions.map(({ variable, wanted }) => `${wanted ? '+' : '-'}${variable}`).join('');
}

function all(conditions: readonly Condition[], defaults: Variables): Formula {
  if (conditions.length === 0) return 1;
  return (variables) =>
    conditions.every(({ variable, wanted }) => (variableIn(variables, variable, defaults) === true) === wanted) ? 1 : 0;
}

/** Null: never in the answer, whatever the variables are. */
function conditionsOf(node: SelectionNode): readonly Condition[] | null {
  const conditions: Condition[] = [];
  for (const { name, arguments: given } of node.directives ?? []) {
    if (name.value !== 'include' && name.value !== 'skip') continue;
    const value = given?.[0]?.value;
    const wanted = name.value === 'include';
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, wanted });
    else if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return null;
  }
  return conditions;
}
