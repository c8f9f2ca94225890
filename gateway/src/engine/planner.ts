import type { NormalOperation } from './normalize.ts';

/** Finds which subgraphs to ask what, in which order (the plans of Apollo Federation 2). */
export interface Planner {
  /** The API schema without federation's machinery, as SDL. */
  readonly publicSdl: string;
  /** @throws when it cannot be planned */
  plan(operation: NormalOperation): PlanNode | null;
}

export type PlanNode =
  | SequenceNode
  | ParallelNode
  | FetchNode
  | FlattenNode
  | BatchFetchNode
  | ConditionNode
  | SubscriptionNode;

export interface SequenceNode {
  readonly kind: 'Sequence';
  readonly nodes: readonly PlanNode[];
}

export interface ParallelNode {
  readonly kind: 'Parallel';
  readonly nodes: readonly PlanNode[];
}

/** One request of one subgraph: for root fields, or for the fields of entities below a path. */
export interface FetchNode extends Rewrites {
  readonly kind: 'Fetch';
  readonly serviceName: string;
  readonly operation: string;
  /** Names of the client's variables that the operation uses. */
  readonly variableUsages: readonly string[];
  /** What a representation is made of; none for a fetch of root fields. */
  readonly requires: readonly RequiredSelection[];
  /** Response keys that it brings, to the root or to each entity. */
  readonly keys: () => ReadonlySet<string>;
}

/** Runs a fetch of entities for every object at a path. */
export interface FlattenNode {
  readonly kind: 'Flatten';
  readonly path: PlanPath;
  readonly node: FetchNode;
}

/** Several fetches of entities of one subgraph in one request, an alias of `_entities` each. */
export interface BatchFetchNode {
  readonly kind: 'BatchFetch';
  readonly serviceName: string;
  readonly operation: string;
  readonly variableUsages: readonly string[];
  readonly batches: readonly EntityBatch[];
}

export interface EntityBatch extends Rewrites {
  readonly alias: string;
  readonly variable: string;
  readonly paths: readonly PlanPath[];
  readonly requires: readonly RequiredSelection[];
  readonly keys: () => ReadonlySet<string>;
}

/** Corrections of the representations that go into a fetch and of the objects that come out of it. */
export interface Rewrites {
  readonly inputRewrites: readonly Rewrite[];
  readonly outputRewrites: readonly Rewrite[];
}

export interface ConditionNode {
  readonly kind: 'Condition';
  readonly variable: string;
  readonly whenTrue: PlanNode | null;
  readonly whenFalse: PlanNode | null;
}

export interface SubscriptionNode {
  readonly kind: 'Subscription';
  readonly primary: FetchNode;
}

/** Where entities stand in the response: response keys, `@` for each item of a list (of lists), and conditions on the type reached. */
export type PlanPath = readonly PathSegment[];
export type PathSegment = { readonly field: string } | { readonly types: readonly string[] } | '@';

export type RequiredSelection = RequiredField | RequiredFragment;

export interface RequiredField {
  readonly kind: 'Field';
  readonly name: string;
  readonly responseKey: string;
  readonly selections: readonly RequiredSelection[] | null;
}

export interface RequiredFragment {
  readonly kind: 'Fragment';
  readonly type: string;
  /** Whether it is required at all; null: always. */
  readonly condition: { readonly variable: string; readonly wanted: boolean } | null;
  readonly selections: readonly RequiredSelection[];
}

/** A correction at a path of keys and type conditions. */
export interface Rewrite {
  readonly path: readonly ({ readonly key: string } | { readonly types: readonly string[] })[];
  readonly action: { readonly setTo: string } | { readonly renameTo: string };
}
