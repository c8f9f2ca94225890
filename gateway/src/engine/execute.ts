import type { GraphQLError } from 'graphql';
import { entityErrors, rootErrors } from './errors.ts';
import { type Answer, type Fetching, send } from './fetch.ts';
import type { Losses } from './losses.ts';
import type { Trail } from './path.ts';
import { trailsAt } from './places.ts';
import type { BatchFetchNode, EntityBatch, FetchNode, FlattenNode, PlanNode, PlanPath } from './planner.ts';
import type { Types } from './public-schema.ts';
import { type Representations, representationsOf } from './representations.ts';
import { cloneObject, isJsonObject, type JsonObject, mergeInto } from './response.ts';
import { applyRewrite } from './rewrite.ts';
import type { Sharing } from './sharing.ts';

/** What a plan runs against. */
export interface Execution<Context> extends Fetching<Context> {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly types: Types;
  /** What the fetches brought so far, in the response's shape; grows in place. */
  readonly response: JsonObject;
  readonly sharing: Sharing;
  readonly errors: GraphQLError[];
  readonly losses: Losses;
}

/** Runs a plan: sequences in order, the rest at once. A fetch that fails leaves its part out, and nothing else. */
export async function executeNode<Context>(node: PlanNode, execution: Execution<Context>): Promise<void> {
  switch (node.kind) {
    case 'Sequence':
      for (const child of node.nodes) await executeNode(child, execution);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => executeNode(child, execution)));
      return;
    case 'Condition': {
      const branch = execution.variables[node.variable] === true ? node.whenTrue : node.whenFalse;
      return branch ? executeNode(branch, execution) : undefined;
    }
    case 'Fetch':
      return fetchRoot(node, execution);
    case 'Flatten':
      return fetchEntities(node, execution);
    case 'BatchFetch':
      return fetchBatch(node, execution);
    case 'Subscription':
      // Its primary is the stream, which is open already; each event runs what follows.
      return;
  }
}

/** Takes the answer of a fetch of root fields, or an event of a stream, into the response. */
export function takeRoot<Context>(
  { keys, outputRewrites }: FetchNode,
  { data, errors, failure }: Answer,
  { response, errors: found, losses, types }: Execution<Context>,
): void {
  found.push(...rootErrors(errors, outputRewrites));
  if (failure) losses.add(failure, keys, [{ object: response, trail: null }]);
  else if (!data) losses.refuse([response]);
  if (!data) return;
  for (const rewrite of outputRewrites) applyRewrite(data, rewrite, types.matches);
  mergeInto(response, data);
}

async function fetchRoot<Context>(node: FetchNode, execution: Execution<Context>): Promise<void> {
  takeRoot(node, await send(node, usedVariables(node, execution), execution), execution);
}

async function fetchEntities<Context>({ path, node }: FlattenNode, execution: Execution<Context>): Promise<void> {
  const entities: EntityFetch = { ...node, key: '_entities', paths: [path] };
  const wanted = representationsOf(entities, execution);
  if (wanted.values.length === 0) return;
  const variables = usedVariables(node, execution);
  variables['representations'] = wanted.values;
  takeEntities(entities, wanted, await send(node, variables, execution), execution);
}

async function fetchBatch<Context>(node: BatchFetchNode, execution: Execution<Context>): Promise<void> {
  const variables = usedVariables(node, execution);
  const wanted = node.batches.map((batch) => {
    const representations = representationsOf(batch, execution);
    variables[batch.variable] = representations.values;
    return { batch, representations };
  });
  if (wanted.every(({ representations }) => representations.values.length === 0)) return;
  const { data, errors, failure } = await send(node, variables, execution);
  const aliases = new Set<unknown>(node.batches.map(({ alias }) => alias));
  execution.errors.push(...rootErrors(withoutPath(errors.filter(({ path }) => !aliases.has(path?.[0]))), []));
  for (const { batch, representations } of wanted) {
    const own = errors.filter(({ path }) => path?.[0] === batch.alias);
    takeEntities({ ...batch, key: batch.alias }, representations, { data, errors: own, failure }, execution);
  }
}

/** Paths that begin with none of the aliases say nothing to a client. */
function withoutPath(errors: Answer['errors']): Answer['errors'] {
  return errors.map(({ message, extensions }) => ({ message, extensions, path: undefined }));
}

/** A fetch of entities, and where its answer has them. */
type EntityFetch = Pick<EntityBatch, 'paths' | 'requires' | 'inputRewrites' | 'outputRewrites' | 'keys'> & {
  readonly key: string;
};

function takeEntities<Context>(
  { key, paths, keys, outputRewrites }: EntityFetch,
  { objects }: Representations,
  { data, errors, failure }: Answer,
  execution: Execution<Context>,
): void {
  if (errors.length > 0 || failure) {
    const whereIs = trailsOf(paths, execution);
    const trails = objects.map((group) => group.map(whereIs));
    execution.errors.push(
      ...entityErrors(
        errors,
        trails.map((group) => group.flat()),
        outputRewrites,
      ),
    );
    const lacking = objects.flatMap((group, index) =>
      group.map((object, nth) => ({ object, trail: trails[index]?.[nth]?.[0] ?? null })),
    );
    if (failure) execution.losses.add(failure, keys, lacking);
  }
  const entities = data?.[key];
  if (!Array.isArray(entities)) return;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity === null && errors.some(({ path }) => path?.[1] === index))
      execution.losses.refuse(objects[index] ?? []);
    if (!isJsonObject(entity)) continue;
    for (const rewrite of outputRewrites) applyRewrite(entity, rewrite, execution.types.matches);
    complete(objects[index] ?? [], entity, execution);
  }
}

/** Where objects stand that some paths reach, looked up once for all of them. */
function trailsOf<Context>(
  paths: readonly PlanPath[],
  { response, types }: Execution<Context>,
): (object: JsonObject) => readonly (Trail | null)[] {
  const found = paths.map((path) => trailsAt(response, path, types.matches));
  return (object) => found.flatMap((trails) => trails.get(object) ?? []);
}

/** Each object gets objects of its own, or a later fetch would complete two at once. */
function complete<Context>(
  objects: readonly JsonObject[],
  entity: JsonObject,
  { types: { isAbstract } }: Execution<Context>,
): void {
  for (let nth = objects.length - 1; nth >= 0; nth -= 1) {
    const object = objects[nth];
    if (!object) continue;
    const own = nth > 0 ? cloneObject(entity) : entity;
    // A subgraph that knows an interface as one object (@interfaceObject) gives its name until another one tells the object's.
    if ('__typename' in own && isAbstract(object['__typename'])) delete object['__typename'];
    mergeInto(object, own);
  }
}

function usedVariables<Context>(
  { variableUsages }: { readonly variableUsages: readonly string[] },
  { variables }: Execution<Context>,
): Record<string, unknown> {
  const used: Record<string, unknown> = {};
  for (const name of variableUsages) if (name in variables) used[name] = variables[name];
  return used;
}
