import * as hive from '@graphql-hive/router-query-planner';
import type {
  BatchFetchNode,
  EntityBatch,
  FetchNode,
  Path,
  PlanNode,
  Planner,
  RequiredSelection,
  Rewrite,
} from '../planner.ts';

/**
 * The native planner of Hive Router (MIT), behind our port.
 *
 * @param supergraphSdl a composed Federation 2 supergraph
 * @throws when the supergraph cannot be read
 */
export function createHivePlanner(supergraphSdl: string): Planner {
  const native = new hive.QueryPlanner(supergraphSdl);
  const noLabels = new Set<string>();
  return {
    publicSdl: native.consumerSchema,
    plan: (operation, operationName) => {
      const { node } = native.plan(operation, operationName, noLabels, 0);
      return { node: node ? nodeOf(node) : null };
    },
  };
}

function nodeOf(node: hive.PlanNode): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map(nodeOf) };
    case 'Fetch':
      return fetchOf(node);
    case 'Flatten':
      return { kind: 'Flatten', path: pathOf(node.path), node: entityFetchOf(node.node) };
    case 'BatchFetch':
      return batchOf(node);
    case 'Condition':
      return {
        kind: 'Condition',
        variable: node.condition,
        whenTrue: node.ifClause ? nodeOf(node.ifClause) : null,
        whenFalse: node.elseClause ? nodeOf(node.elseClause) : null,
      };
    case 'Subscription':
      return { kind: 'Subscription', primary: fetchOf(node.primary) };
    case 'Defer':
      throw new Error('The plan defers, and deferring is not served.');
  }
}

function entityFetchOf(node: hive.PlanNode): FetchNode {
  if (node.kind === 'Fetch') return fetchOf(node);
  throw new Error(`The plan has a ${node.kind} below a path; only a fetch can stand there.`);
}

function fetchOf(node: hive.FetchNode): FetchNode {
  return {
    kind: 'Fetch',
    serviceName: node.serviceName,
    operation: node.operation,
    variableUsages: node.variableUsages ?? [],
    requires: node.requires ? node.requires.map(requiredOf) : null,
    inputRewrites: (node.inputRewrites ?? []).map(rewriteOf),
    outputRewrites: (node.outputRewrites ?? []).map(rewriteOf),
  };
}

function batchOf(node: hive.BatchFetchNode): BatchFetchNode {
  return {
    kind: 'BatchFetch',
    serviceName: node.serviceName,
    operation: node.operation,
    variableUsages: node.variableUsages ?? [],
    batches: node.entityBatch.aliases.map(
      (alias): EntityBatch => ({
        alias: alias.alias,
        variable: alias.representationsVariableName,
        paths: alias.paths.map(pathOf),
        requires: alias.requires.map(requiredOf),
        inputRewrites: (alias.inputRewrites ?? []).map(rewriteOf),
        outputRewrites: (alias.outputRewrites ?? []).map(rewriteOf),
      }),
    ),
  };
}

function pathOf(path: readonly hive.FlattenNodePathSegment[]): Path {
  return path.map((segment) => {
    if (segment === '@') return '@';
    return 'Field' in segment ? { field: segment.Field } : { types: segment.TypeCondition };
  });
}

function requiredOf(selection: hive.RequiresSelection): RequiredSelection {
  switch (selection.kind) {
    case 'Field':
      return {
        kind: 'Field',
        name: selection.name,
        responseKey: selection.alias ?? selection.name,
        selections: selection.selections?.length ? selection.selections.map(requiredOf) : null,
      };
    case 'InlineFragment':
      return { kind: 'Fragment', type: selection.typeCondition, selections: selection.selections.map(requiredOf) };
    case 'FragmentSpread':
      throw new Error('The plan requires a named fragment, which no representation can be made of.');
  }
}

function rewriteOf(rewrite: hive.InputRewrite): Rewrite {
  const action =
    'ValueSetter' in rewrite ? rewrite.ValueSetter : 'KeyRenamer' in rewrite ? rewrite.KeyRenamer : rewrite;
  return {
    path: action.path.map((segment) => ('Key' in segment ? { key: segment.Key } : { types: segment.TypenameEquals })),
    action: 'renameKeyTo' in action ? { renameTo: action.renameKeyTo } : { setTo: action.setValueTo },
  };
}
