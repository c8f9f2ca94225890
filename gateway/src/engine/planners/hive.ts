import { createRequire } from 'node:module';
import type * as hive from '@graphql-hive/router-query-planner';
import { parse } from 'graphql';
import { textOf } from '../normalize.ts';
import type {
  BatchFetchNode,
  ConditionNode,
  EntityBatch,
  FetchNode,
  PlanNode,
  Planner,
  PlanPath,
  RequiredFragment,
  RequiredSelection,
  Rewrite,
  Rewrites,
} from '../planner.ts';
import { typesOf } from '../public-schema.ts';
import { responseKeys } from './response-keys.ts';
import { type Complete, createCompletion } from './typenames.ts';

const require = createRequire(import.meta.url);

/**
 * Loads the native planner of Hive Router (MIT), behind our port.
 *
 * @returns what makes a planner of a composed Federation 2 supergraph, and throws when the supergraph cannot be read
 * @throws when there is no binary for this machine
 */
export function loadHivePlanner(): (supergraphSdl: string) => Planner {
  const { QueryPlanner } = require('@graphql-hive/router-query-planner') as typeof hive;
  return (supergraphSdl) => {
    const native = new QueryPlanner(supergraphSdl);
    const { schema } = typesOf(parse(supergraphSdl, { noLocation: true }));
    const complete = createCompletion(schema);
    const noLabels = new Set<string>();
    return {
      publicSdl: native.consumerSchema,
      plan: (operation) => {
        const { node } = native.plan(textOf(operation), operation.name, noLabels, operation.drawn ?? 0);
        return node ? nodeOf(node, complete) : null;
      },
    };
  };
}

/**
 * The native planner, or an error.
 *
 * @param supergraphSdl a composed Federation 2 supergraph
 * @throws when the planner cannot be loaded or the supergraph cannot be read
 */
export function createHivePlanner(supergraphSdl: string): Planner {
  return loadHivePlanner()(supergraphSdl);
}

function nodeOf(node: hive.PlanNode, complete: Complete): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((child) => nodeOf(child, complete)) };
    case 'Fetch':
      return fetchOf(node, null, complete);
    case 'Flatten':
      return { kind: 'Flatten', path: pathOf(node.path), node: entityFetchOf(node.node, complete) };
    case 'BatchFetch':
      return batchOf(node, complete);
    case 'Condition':
      return conditionOf(node, complete);
    case 'Subscription':
      return { kind: 'Subscription', primary: fetchOf(node.primary, null, complete) };
    case 'Defer':
      throw new Error('The plan defers, and deferring is not served.');
  }
}

function entityFetchOf(node: hive.PlanNode, complete: Complete): FetchNode {
  if (node.kind === 'Fetch') return fetchOf(node, '_entities', complete);
  throw new Error(`The plan has a ${node.kind} below a path; only a fetch can stand there.`);
}

function fetchOf(node: hive.FetchNode, below: string | null, complete: Complete): FetchNode {
  return {
    kind: 'Fetch',
    serviceName: node.serviceName,
    operation: complete(node.operation),
    variableUsages: node.variableUsages ?? [],
    requires: requirementsOf(node.requires ?? [], node.inputRewrites ?? []),
    keys: responseKeys(node.operation, below),
    ...rewritesOf(node),
  };
}

function batchOf(node: hive.BatchFetchNode, complete: Complete): BatchFetchNode {
  return {
    kind: 'BatchFetch',
    serviceName: node.serviceName,
    operation: complete(node.operation),
    variableUsages: node.variableUsages ?? [],
    batches: node.entityBatch.aliases.map(
      (alias): EntityBatch => ({
        alias: alias.alias,
        variable: alias.representationsVariableName,
        paths: alias.paths.map(pathOf),
        requires: requirementsOf(alias.requires, alias.inputRewrites ?? []),
        keys: responseKeys(node.operation, alias.alias),
        ...rewritesOf(alias),
      }),
    ),
  };
}

function conditionOf({ condition, ifClause, elseClause }: hive.ConditionNode, complete: Complete): ConditionNode {
  return {
    kind: 'Condition',
    variable: condition,
    whenTrue: ifClause ? nodeOf(ifClause, complete) : null,
    whenFalse: elseClause ? nodeOf(elseClause, complete) : null,
  };
}

function pathOf(path: readonly hive.FlattenNodePathSegment[]): PlanPath {
  return path.map((segment) => {
    if (segment === '@') return '@';
    return 'Field' in segment ? { field: segment.Field } : { types: segment.TypeCondition };
  });
}

/**
 * What a representation is made of. A subgraph that knows an interface as one object gets representations of the interface, and the
 * planner merges what several of its types want there under the condition of one of them: the condition is the interface's here.
 */
function requirementsOf(
  requires: readonly hive.RequiresSelection[],
  rewrites: readonly hive.InputRewrite[],
): RequiredSelection[] {
  const sentAs = rewrites.map(rewriteOf).flatMap(({ path, action }) => {
    const [type, key] = path;
    const isTypename = path.length === 2 && key && 'key' in key && key.key === '__typename';
    return isTypename && type && 'types' in type && 'setTo' in action ? [action.setTo] : [];
  });
  const [only] = sentAs;
  const required = requires.map(requiredOf);
  if (only === undefined || sentAs.some((name) => name !== only)) return required;
  return required.map((each) => (each.kind === 'Fragment' ? { ...each, type: only } : each));
}

function requiredOf(selection: hive.RequiresSelection): RequiredSelection {
  switch (selection.kind) {
    case 'Field':
      return {
        kind: 'Field',
        // The planner names what it reads, and gives what it sends an alias: two places may ask one field with other arguments.
        name: selection.alias ?? selection.name,
        responseKey: selection.name,
        selections: selection.selections?.length ? selection.selections.map(requiredOf) : null,
      };
    case 'InlineFragment':
      return {
        kind: 'Fragment',
        type: selection.typeCondition,
        condition: requirementOf(selection),
        selections: selection.selections.map(requiredOf),
      };
    case 'FragmentSpread':
      throw new Error('The plan requires a named fragment, which no representation can be made of.');
  }
}

function requirementOf({ includeIf, skipIf }: hive.InlineFragmentRequiresNode): RequiredFragment['condition'] {
  if (includeIf !== undefined) return { variable: includeIf, wanted: true };
  return skipIf === undefined ? null : { variable: skipIf, wanted: false };
}

function rewritesOf({
  inputRewrites,
  outputRewrites,
}: Pick<hive.FetchNode, 'inputRewrites' | 'outputRewrites'>): Rewrites {
  return { inputRewrites: (inputRewrites ?? []).map(rewriteOf), outputRewrites: (outputRewrites ?? []).map(rewriteOf) };
}

function rewriteOf(rewrite: hive.InputRewrite): Rewrite {
  const action =
    'ValueSetter' in rewrite ? rewrite.ValueSetter : 'KeyRenamer' in rewrite ? rewrite.KeyRenamer : rewrite;
  return {
    path: action.path.map((segment) => ('Key' in segment ? { key: segment.Key } : { types: segment.TypenameEquals })),
    action: 'renameKeyTo' in action ? { renameTo: action.renameKeyTo } : { setTo: action.setValueTo },
  };
}
