import { createRequire } from 'node:module';
import type * as ApolloInternals from '@apollo/federation-internals';
import type * as Apollo from '@apollo/query-planner';
import { parse } from 'graphql';
import { textOf } from '../normalize.ts';
import { percentOf, readLabels } from '../overrides.ts';
import type {
  FetchNode,
  PlanNode,
  Planner,
  PlanPath,
  RequiredSelection,
  Rewrite,
  Rewrites,
  SubscriptionNode,
} from '../planner.ts';
import { typesOf } from '../public-schema.ts';
import { responseKeys } from './response-keys.ts';
import { type Complete, createCompletion } from './typenames.ts';

const require = createRequire(import.meta.url);

/**
 * Loads the planner of @apollo/gateway, behind our port. Its licence (Elastic 2.0) is not ours, so it is used where somebody
 * installed it: `@apollo/query-planner` and `@apollo/federation-internals`, of one version.
 *
 * @returns what makes a planner of a composed Federation 2 supergraph, and throws when the supergraph cannot be read
 * @throws when it is not installed
 */
export function loadApolloPlanner(): (supergraphSdl: string) => Planner {
  const { QueryPlanner } = require('@apollo/query-planner') as typeof Apollo;
  const internals = require('@apollo/federation-internals') as typeof ApolloInternals;
  const { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES: supportedFeatures, Supergraph } = internals;
  return (supergraphSdl) => {
    const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures, validateSupergraph: false });
    const planner = new QueryPlanner(supergraph, { typeConditionedFetching: true });
    const api = supergraph.apiSchema();
    const document = parse(supergraphSdl, { noLocation: true });
    const { schema } = typesOf(document);
    const complete = createCompletion(schema);
    const labels = readLabels(document);
    return {
      publicSdl: internals.printSchema(api),
      plan: (operation) => {
        const { name } = operation;
        const options = { validate: false, ...(name === undefined ? {} : { operationName: name }) };
        const overrideConditions = new Map(labels.map((label) => [label, isDrawn(label, operation.drawn ?? 0)]));
        const parsed = internals.parseOperation(api, textOf(operation), options);
        const { node } = planner.buildQueryPlan(parsed, { overrideConditions });
        return node ? nodeOf(node, complete) : null;
      },
    };
  };
}

function isDrawn(label: string, drawn: number): boolean {
  const percent = percentOf(label);
  return percent !== null && drawn < percent;
}

function nodeOf(node: Apollo.PlanNode | Apollo.SubscriptionNode, complete: Complete): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((child) => nodeOf(child, complete)) };
    case 'Fetch':
      return fetchOf(node, null, complete);
    case 'Flatten':
      return { kind: 'Flatten', path: pathOf(node.path), node: entityFetchOf(node.node, complete) };
    case 'Condition':
      return {
        kind: 'Condition',
        variable: node.condition,
        whenTrue: node.ifClause ? nodeOf(node.ifClause, complete) : null,
        whenFalse: node.elseClause ? nodeOf(node.elseClause, complete) : null,
      };
    case 'Subscription':
      return subscriptionOf(node, complete);
    case 'Defer':
      throw new Error('The plan defers, and deferring is not served.');
  }
}

function subscriptionOf({ primary, rest }: Apollo.SubscriptionNode, complete: Complete): PlanNode {
  const stream: SubscriptionNode = { kind: 'Subscription', primary: fetchOf(primary, null, complete) };
  return rest ? { kind: 'Sequence', nodes: [stream, nodeOf(rest, complete)] } : stream;
}

function entityFetchOf(node: Apollo.PlanNode, complete: Complete): FetchNode {
  if (node.kind === 'Fetch') return fetchOf(node, '_entities', complete);
  throw new Error(`The plan has a ${node.kind} below a path; only a fetch can stand there.`);
}

function fetchOf(node: Apollo.FetchNode, below: string | null, complete: Complete): FetchNode {
  if (node.contextRewrites?.length) throw new Error('The plan takes arguments from a context, which is not served.');
  return {
    kind: 'Fetch',
    serviceName: node.serviceName,
    operation: complete(node.operation),
    variableUsages: node.variableUsages ?? [],
    requires: (node.requires ?? []).map(requiredOf),
    keys: responseKeys(node.operation, below),
    ...rewritesOf(node),
  };
}

/** Segments are response keys, `@`, and either with the types that may go on from there: `pets`, `@|[Dog,Cat]`, `|[Query]`. */
function pathOf(path: Apollo.ResponsePath): PlanPath {
  return path.flatMap((segment) => {
    const [, key = '', types] = /^([^|]*)(?:\|\[(.*)\])?$/.exec(String(segment)) ?? [];
    const step = key === '@' ? (['@'] as const) : key === '' ? [] : [{ field: key }];
    return types === undefined ? step : [...step, { types: types.split(',') }];
  });
}

function requiredOf(selection: Apollo.QueryPlanSelectionNode): RequiredSelection {
  if (selection.kind === 'InlineFragment') {
    if (!selection.typeCondition) throw new Error('The plan requires a fragment of no type.');
    const selections = selection.selections.map(requiredOf);
    return { kind: 'Fragment', type: selection.typeCondition, condition: null, selections };
  }
  const key = selection.alias ?? selection.name;
  return {
    kind: 'Field',
    name: key,
    responseKey: key,
    selections: selection.selections?.length ? selection.selections.map(requiredOf) : null,
  };
}

function rewritesOf({ inputRewrites = [], outputRewrites = [] }: Apollo.FetchNode): Rewrites {
  return { inputRewrites: inputRewrites.map(rewriteOf), outputRewrites: outputRewrites.map(rewriteOf) };
}

const TYPE = '... on ';

function rewriteOf(rewrite: Apollo.FetchDataRewrite): Rewrite {
  const isRename = rewrite.kind === 'KeyRenamer';
  const path = rewrite.path.flatMap((part): Rewrite['path'] => {
    if (!part.startsWith(TYPE)) return [{ key: part }];
    // The key that is renamed is this plan's own and stands for one thing, while objects often come without their type's name.
    return isRename ? [] : [{ types: [part.slice(TYPE.length)] }];
  });
  return { path, action: isRename ? { renameTo: rewrite.renameKeyTo } : { setTo: String(rewrite.setValueTo) } };
}
