import type { GraphQLError } from 'graphql';
import { entityErrors, leftOutError, rootErrors, type SubgraphError } from './errors.ts';
import type { Answer } from './fetch.ts';
import { Losses } from './losses.ts';
import type { Trail } from './path.ts';
import { trailsAt } from './places.ts';
import type { BatchFetchNode, EntityBatch, FetchNode, FlattenNode, PlanPath } from './planner.ts';
import type { Types } from './public-schema.ts';
import { type Representations, representationsOf } from './representations.ts';
import { cloneObject, isJsonObject, type Json, type JsonObject, mergeInto } from './response.ts';
import { applyRewrite } from './rewrite.ts';
import { createSharing, type Sharing } from './sharing.ts';
import { type WrittenList, withRepresentations } from './variables-text.ts';

/** What the fetches of one plan brought so far; grows in place. */
export interface Tree {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly types: Types;
  /** In the response's shape. */
  readonly response: JsonObject;
  readonly sharing: Sharing;
  readonly errors: GraphQLError[];
  readonly losses: Losses;
}

/** @param isSharing as `isSharable` says of the plan */
export function plantTree(variables: Tree['variables'], types: Types, isSharing: boolean): Tree {
  const sharing = createSharing(isSharing);
  return { variables, types, response: {}, sharing, errors: [], losses: new Losses() };
}

/** A node of a plan that asks a subgraph. */
export type AskingNode = FetchNode | FlattenNode | BatchFetchNode;

/** What a node asks with, made of the tree as it is then, and what its answer will complete. */
export interface Asked {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly wanted: readonly Representations[];
}

/** The request that a node sends. */
export function requestOf(
  node: AskingNode,
): Pick<FetchNode | BatchFetchNode, 'serviceName' | 'operation' | 'variableUsages'> {
  return node.kind === 'Flatten' ? node.node : node;
}

/**
 * Makes what a node asks with.
 *
 * @returns null when there is nothing to ask
 */
export function ask(node: AskingNode, tree: Tree): Asked | null {
  switch (node.kind) {
    case 'Fetch':
      return { variables: usedVariables(node, tree), wanted: [] };
    case 'Flatten': {
      const wanted = representationsOf({ ...node.node, paths: [node.path] }, tree);
      if (wanted.values.length === 0) return null;
      return {
        variables: withRepresentations(usedVariables(node.node, tree), { representations: written(wanted) }),
        wanted: [wanted],
      };
    }
    case 'BatchFetch': {
      const wanted = node.batches.map((batch) => representationsOf(batch, tree));
      if (wanted.every(({ values }) => values.length === 0)) return null;
      const lists = Object.fromEntries(
        node.batches.map(({ variable }, at) => [variable, written(wanted[at] ?? NOTHING_WANTED)]),
      );
      return { variables: withRepresentations(usedVariables(node, tree), lists), wanted };
    }
  }
}

function written({ texts, values }: Representations): WrittenList {
  return { text: `[${texts.join(',')}]`, values };
}

const NOTHING_WANTED: Representations = { values: [], texts: [], objects: [] };

/** Takes the answer to what a node asked into the tree. */
export function take(node: AskingNode, { wanted }: Asked, answer: Answer, tree: Tree): void {
  switch (node.kind) {
    case 'Fetch':
      return takeRoot(node, answer, tree);
    case 'Flatten':
      if (wanted[0]) takeEntities({ ...node.node, key: '_entities', paths: [node.path] }, wanted[0], answer, tree);
      return;
    case 'BatchFetch':
      return takeBatch(node, wanted, answer, tree);
  }
}

/** Takes the answer of a fetch of root fields, or an event of a stream, into the tree. */
export function takeRoot(
  { keys, outputRewrites }: FetchNode,
  { data, errors, failure }: Answer,
  { response, errors: found, losses, types }: Tree,
): void {
  found.push(...rootErrors(errors, outputRewrites));
  if (failure) losses.add(failure, keys(), [{ object: response, trail: null }]);
  else if (!data) losses.refuse([response]);
  if (!data) return;
  for (const rewrite of outputRewrites) applyRewrite(data, rewrite, types.matches);
  mergeInto(response, data, onNull(errors.length > 0, losses));
}

function takeBatch(
  { batches, serviceName }: BatchFetchNode,
  wanted: Asked['wanted'],
  { data, errors, failure }: Answer,
  tree: Tree,
): void {
  const aliases = new Set<unknown>(batches.map(({ alias }) => alias));
  tree.errors.push(...rootErrors(withoutPath(errors.filter(({ path }) => !aliases.has(path?.[0]))), []));
  for (const [index, batch] of batches.entries()) {
    const own = errors.filter(({ path }) => path?.[0] === batch.alias);
    const representations = wanted[index];
    if (representations)
      takeEntities({ ...batch, key: batch.alias, serviceName }, representations, { data, errors: own, failure }, tree);
  }
}

/** Paths that begin with none of the aliases say nothing to a client. */
function withoutPath(errors: Answer['errors']): Answer['errors'] {
  return errors.map(({ message, extensions }) => ({ message, extensions, path: undefined }));
}

/** A fetch of entities, and where its answer has them. */
type EntityFetch = Pick<EntityBatch, 'paths' | 'requires' | 'inputRewrites' | 'outputRewrites' | 'keys'> & {
  readonly key: string;
  readonly serviceName: string;
};

function takeEntities(fetch: EntityFetch, { objects }: Representations, answer: Answer, tree: Tree): void {
  const { data, errors, failure } = answer;
  if (errors.length > 0) {
    const whereIs = trailsOf(fetch.paths, tree);
    const trails = objects.map((group) => group.flatMap(whereIs));
    tree.errors.push(...entityErrors(errors, trails, fetch.outputRewrites));
  }
  if (failure) return lose(failure, objects.flat(), fetch, tree);
  const entities = data?.[fetch.key];
  if (Array.isArray(entities)) takeEach(entities, objects, fetch, answer, tree);
  else if (errors.length > 0) tree.losses.refuse(objects.flat());
  else lose(leftOutError(fetch.serviceName), objects.flat(), fetch, tree);
}

/** What is neither an object nor null was not told, whether it is something else or not there at all. */
function takeEach(
  entities: readonly Json[],
  objects: Representations['objects'],
  fetch: EntityFetch,
  { errors }: Answer,
  tree: Tree,
): void {
  const { losses, types } = tree;
  const lost: JsonObject[] = [];
  for (let index = 0; index < objects.length; index += 1) {
    const entity = entities[index];
    const group = objects[index] ?? [];
    if (isJsonObject(entity)) {
      for (const rewrite of fetch.outputRewrites) applyRewrite(entity, rewrite, types.matches);
      complete(group, entity, tree, errors.length > 0);
    } else if (errors.some(({ path }) => path?.[1] === index)) losses.refuse(group);
    else if (entity === null) losses.pass(group);
    else lost.push(...group);
  }
  if (lost.length > 0) lose(leftOutError(fetch.serviceName), lost, fetch, tree);
}

/** What a fetch owed some objects is missing. */
function lose(error: SubgraphError, objects: readonly JsonObject[], { paths, keys }: EntityFetch, tree: Tree): void {
  const whereIs = trailsOf(paths, tree);
  const places = objects.map((object) => ({ object, trail: whereIs(object)[0] ?? null }));
  tree.losses.add(error, keys(), places);
}

function onNull(hasErrors: boolean, losses: Losses): (present: JsonObject) => void {
  return hasErrors ? (present) => losses.refuse([present]) : (present) => losses.pass([present]);
}

/** Where objects stand that some paths reach, looked up once for all of them. */
function trailsOf(
  paths: readonly PlanPath[],
  { response, types }: Tree,
): (object: JsonObject) => readonly (Trail | null)[] {
  const found = paths.map((path) => trailsAt(response, path, types.matches));
  return (object) => found.flatMap((trails) => trails.get(object) ?? []);
}

/** Each object gets objects of its own, or a later fetch would complete two at once. */
function complete(
  objects: readonly JsonObject[],
  entity: JsonObject,
  { types: { isAbstract }, losses }: Tree,
  hasErrors: boolean,
): void {
  const told = onNull(hasErrors, losses);
  for (let nth = objects.length - 1; nth >= 0; nth -= 1) {
    const object = objects[nth];
    if (!object) continue;
    const own = nth > 0 ? cloneObject(entity) : entity;
    // A subgraph that knows an interface as one object (@interfaceObject) gives its name until another one tells the object's.
    if ('__typename' in own && isAbstract(object['__typename'])) delete object['__typename'];
    mergeInto(object, own, told);
  }
}

/** What a node needs of the client's variables. */
export function usedVariables(
  { variableUsages }: { readonly variableUsages: readonly string[] },
  { variables }: Pick<Tree, 'variables'>,
): Record<string, unknown> {
  const used: Record<string, unknown> = {};
  for (const name of variableUsages) if (Object.hasOwn(variables, name)) used[name] = variables[name];
  return used;
}
