import type { GraphQLError } from 'graphql';
import { entityErrors, rootErrors } from './errors.ts';
import type { Answer } from './fetch.ts';
import { Losses } from './losses.ts';
import type { Trail } from './path.ts';
import { trailsAt } from './places.ts';
import type { BatchFetchNode, EntityBatch, FetchNode, FlattenNode, PlanPath } from './planner.ts';
import type { Types } from './public-schema.ts';
import { type Representations, representationsOf } from './representations.ts';
import { cloneObject, isJsonObject, type JsonObject, mergeInto } from './response.ts';
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
  mergeInto(response, data, errors.length > 0 ? (object) => losses.refuse([object]) : undefined);
}

function takeBatch(
  { batches }: BatchFetchNode,
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
      takeEntities({ ...batch, key: batch.alias }, representations, { data, errors: own, failure }, tree);
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

function takeEntities(
  { key, paths, keys, outputRewrites }: EntityFetch,
  { objects }: Representations,
  { data, errors, failure }: Answer,
  tree: Tree,
): void {
  if (errors.length > 0 || failure) {
    const whereIs = trailsOf(paths, tree);
    const trails = objects.map((group) => group.map(whereIs));
    tree.errors.push(
      ...entityErrors(
        errors,
        trails.map((group) => group.flat()),
        outputRewrites,
      ),
    );
    const lacking = objects.flatMap((group, index) =>
      group.map((object, nth) => ({ object, trail: trails[index]?.[nth]?.[0] ?? null })),
    );
    if (failure) tree.losses.add(failure, keys(), lacking);
  }
  const entities = data?.[key];
  if (!Array.isArray(entities)) return;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity === null && errors.some(({ path }) => path?.[1] === index)) tree.losses.refuse(objects[index] ?? []);
    if (!isJsonObject(entity)) continue;
    for (const rewrite of outputRewrites) applyRewrite(entity, rewrite, tree.types.matches);
    complete(objects[index] ?? [], entity, tree, errors.length > 0);
  }
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
  for (let nth = objects.length - 1; nth >= 0; nth -= 1) {
    const object = objects[nth];
    if (!object) continue;
    const own = nth > 0 ? cloneObject(entity) : entity;
    // A subgraph that knows an interface as one object (@interfaceObject) gives its name until another one tells the object's.
    if ('__typename' in own && isAbstract(object['__typename'])) delete object['__typename'];
    mergeInto(object, own, hasErrors ? (present) => losses.refuse([present]) : undefined);
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
