import { parse, print } from 'graphql';
import type { EntityBatch, FetchNode, PlanNode, PlanPath, RequiredSelection } from '../engine/index.ts';
import type { SeenFetch } from './explanation.ts';

/** `extensions.plan`: what was run, and whether it had to be made first. Times in milliseconds since the request was admitted. */
export type ToldPlan = ToldNode & { readonly isCached: boolean };

export type ToldNode =
  | { readonly kind: 'Sequence' | 'Parallel'; readonly nodes: readonly ToldNode[] }
  | ToldFetch
  | {
      readonly kind: 'Condition';
      /** Of the client's variables. */
      readonly variable: string;
      readonly whenTrue: ToldNode | null;
      readonly whenFalse: ToldNode | null;
    }
  /** No subgraph has to be asked. */
  | { readonly kind: 'Nothing' };

export interface ToldFetch {
  /** `Stream` is the root of a subscription. */
  readonly kind: 'Fetch' | 'Stream';
  readonly subgraph: string;
  /** Where the entities stand that it is about, `@` for each item of a list; none for root fields. */
  readonly paths: readonly string[];
  /** What a subgraph is told of each of them. */
  readonly requires: readonly string[];
  readonly operation: string;
  /** Of the client's variables those that go along. */
  readonly variables: readonly string[];
  /** Left out where it was not asked, because there was nothing to ask for. */
  readonly startMs?: number;
  readonly durationMs?: number;
  readonly isFailed?: boolean;
}

/** Tells a plan to a developer, each fetch with what became of it. */
export function tellPlan(
  { plan, isCached }: { readonly plan: PlanNode | null; readonly isCached: boolean },
  fetches: readonly SeenFetch[],
): ToldPlan {
  // Fetches that are alike but for their path begin in the order in which they are told.
  const left = fetches.toSorted((a, b) => a.startMs - b.startMs);
  const find = (query: string): SeenFetch | undefined => {
    const at = left.findIndex((each) => each.query === query);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  return { ...(plan ? tell(plan, find) : { kind: 'Nothing' }), isCached };
}

type Find = (query: string) => SeenFetch | undefined;

function tell(node: PlanNode, find: Find): ToldNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((each) => tell(each, find)) };
    case 'Condition': {
      const branch = (chosen: PlanNode | null) => chosen && tell(chosen, find);
      const { variable, whenTrue, whenFalse } = node;
      return { kind: 'Condition', variable, whenTrue: branch(whenTrue), whenFalse: branch(whenFalse) };
    }
    case 'Fetch':
      return tellFetch('Fetch', node, [], find);
    case 'Flatten':
      return tellFetch('Fetch', node.node, [{ ...node.node, paths: [node.path] }], find);
    case 'BatchFetch':
      return tellFetch('Fetch', node, node.batches, find);
    case 'Subscription':
      return tellFetch('Stream', node.primary, [], find);
  }
}

function tellFetch(
  kind: ToldFetch['kind'],
  { serviceName, operation, variableUsages }: Pick<FetchNode, 'serviceName' | 'operation' | 'variableUsages'>,
  entities: readonly Pick<EntityBatch, 'paths' | 'requires'>[],
  find: Find,
): ToldFetch {
  const seen = find(operation);
  return {
    kind,
    subgraph: serviceName,
    paths: entities.flatMap(({ paths }) => paths.map(printPath)),
    requires: entities.map(({ requires }) => printSelections(requires)),
    operation: print(parse(operation, { noLocation: true })),
    variables: variableUsages,
    ...(seen
      ? { startMs: inTenths(seen.startMs), durationMs: inTenths(seen.durationMs), isFailed: seen.isFailed }
      : {}),
  };
}

function inTenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** A field with arguments goes by a key of its own through subgraphs (`engine/fetch-keys.ts`); a path is in the client's words. */
const FETCH_KEY = /^_*as_(.+)_[0-9a-f]{16}$/;

/** As `assets.edges.@.node`, with `|[Image]` where only objects of a type are meant. */
function printPath(path: PlanPath): string {
  const parts = path.map((part) => {
    if (part === '@') return '.@';
    return 'field' in part ? `.${part.field.replace(FETCH_KEY, '$1')}` : `|[${part.types.join(', ')}]`;
  });
  return parts.join('').replace(/^\./, '');
}

function printSelections(selections: readonly RequiredSelection[]): string {
  const printed = selections.map((each) => {
    if (each.kind === 'Fragment') return `... on ${each.type} ${printSelections(each.selections)}`;
    return each.selections ? `${each.name} ${printSelections(each.selections)}` : each.name;
  });
  return `{ ${printed.join(' ')} }`;
}
