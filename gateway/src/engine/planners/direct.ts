import type { NormalField, NormalOperation, NormalSet } from '../normalize.ts';
import type { EntityBatch, FetchNode, PlanNode, PlanPath, RequiredSelection } from '../planner.ts';
import { responseKeys } from './response-keys.ts';
import type { FieldSupply, Supply } from './supply.ts';

/**
 * Plans what leaves no choice: each field in the one subgraph that has it, or in that which gave its object, and objects found in
 * others by a key of leaves. That is most of what is asked of most supergraphs, and there is nothing to search: such a plan takes
 * a third of what the native planner needs to read the operation (`cold-plan` in test/bench). It asks what that one would ask:
 * roots first, then in waves all entities that are known by then, of each subgraph in one request.
 *
 * @returns null for everything else: abstract types, fields that take other fields, keys that have to be fetched first, several
 *   subgraphs that could tell of an object what has to be fetched after it, mutations of several subgraphs (field by field they are
 *   of one: `in-turn.ts`), subscriptions
 */
export function planDirectly(operation: NormalOperation, supply: Supply): PlanNode | null {
  if (operation.kind === 'subscription') return null;
  try {
    return new Draft(operation, supply).plan();
  } catch (error) {
    if (error === NOT_DIRECT) return null;
    throw error;
  }
}

const NOT_DIRECT = new Error('This is no plan without a choice.');

/** What is asked of one subgraph in one request. */
interface Request {
  readonly subgraph: string;
  /** 0 for the roots. */
  readonly wave: number;
  readonly variables: Set<string>;
  /** Entities by what is asked of them, as text. */
  readonly entities: Map<string, Entities>;
}

interface Entities {
  readonly requires: readonly RequiredSelection[];
  readonly paths: PlanPath[];
}

const REPRESENTATIONS = 'representations';

class Draft {
  readonly #operation: NormalOperation;
  readonly #supply: Supply;
  /** By subgraph, in the order in which they can be asked. */
  readonly #waves: Map<string, Request>[] = [];
  /** How often an object is looked up elsewhere. */
  #lookups = 0;

  constructor(operation: NormalOperation, supply: Supply) {
    this.#operation = operation;
    this.#supply = supply;
  }

  plan(): PlanNode {
    const roots = this.#roots();
    const later = this.#waves
      .slice(1)
      .map((wave) => together([...wave.values()].map((each) => this.#entityFetch(each))));
    return inOrder([together(roots), ...later]);
  }

  #roots(): FetchNode[] {
    const { selection } = this.#operation;
    const bySubgraph = new Map<string, NormalField[]>();
    for (const field of selection.fields) push(bySubgraph, this.#fieldOf(selection.typename, field.name).only, field);
    if (selection.narrower.length > 0 || (this.#operation.kind === 'mutation' && bySubgraph.size > 1)) throw NOT_DIRECT;
    return [...bySubgraph].map(([subgraph, fields]) => {
      const request = this.#request(subgraph, 0);
      const text = this.#set({ ...selection, fields }, request, []);
      const operation = this.#textOf(request, text, []);
      return { ...this.#fetch(request, operation), requires: [], keys: responseKeys(operation, null) };
    });
  }

  /** What a subgraph is asked of an object, everything else being asked of others later. */
  #set({ typename, fields, narrower }: NormalSet, request: Request, path: PlanPath): string {
    const parts: string[] = [];
    const away = new Map<string, NormalField[]>();
    if (narrower.length > 0 || !this.#supply.typeOf(typename)) throw NOT_DIRECT;
    for (const field of fields) {
      const supply = this.#fieldOf(typename, field.name);
      if (supply.subgraphs.has(request.subgraph)) parts.push(this.#field(field, supply, request, path));
      else push(away, supply.only, field);
    }
    for (const [subgraph, wanted] of away)
      for (const name of this.#lookUp(typename, wanted, { from: request, subgraph, path }))
        if (!parts.includes(name)) parts.push(name);
    return `{${parts.length > 0 ? parts.join(' ') : TYPENAME}}`;
  }

  #field(
    { key, name, given, variables, below }: NormalField,
    supply: FieldSupply,
    request: Request,
    path: PlanPath,
  ): string {
    for (const variable of variables) request.variables.add(variable);
    const before = this.#lookups;
    const inner = below ? this.#set(below, request, [...path, { field: key }, ...(supply.isList ? EACH : [])]) : '';
    // Another subgraph that gives this object might have told more of it.
    if (this.#lookups > before && supply.only === undefined) throw NOT_DIRECT;
    return `${key === name ? '' : `${key}:`}${name}${given}${inner}`;
  }

  /** @returns what has to be known of the object, for it to be found elsewhere */
  #lookUp(
    typename: string,
    fields: readonly NormalField[],
    { from, subgraph, path }: { readonly from: Request; readonly subgraph: string; readonly path: PlanPath },
  ): readonly string[] {
    const key = this.#supply.typeOf(typename)?.keyBetween(from.subgraph, subgraph);
    if (!key) throw NOT_DIRECT;
    this.#lookups += 1;
    const known = [TYPENAME, ...key];
    const request = this.#request(subgraph, from.wave + 1);
    const text = `{...on ${typename}${this.#set({ typename, fields, narrower: [], isTold: true }, request, path)}}`;
    const requires = [{ kind: 'Fragment' as const, type: typename, condition: null, selections: known.map(leaf) }];
    const asked = `${known.join(' ')} ${text}`;
    const same = request.entities.get(asked);
    if (same) same.paths.push(path);
    else request.entities.set(asked, { requires, paths: [path] });
    return known;
  }

  #entityFetch(request: Request): PlanNode {
    const asked = [...request.entities];
    const [first] = asked;
    if (asked.length === 1 && first && first[1].paths.length === 1) {
      const [text, { requires, paths }] = first;
      const operation = this.#textOf(request, `{${entitiesOf(text, REPRESENTATIONS)}}`, [REPRESENTATIONS]);
      const node = { ...this.#fetch(request, operation), requires, keys: responseKeys(operation, '_entities') };
      return { kind: 'Flatten', path: paths[0] ?? [], node };
    }
    const named = asked.map(([text, entities], at) => ({
      text,
      ...entities,
      alias: `_e${at}`,
      variable: `__batch_reps_${at}`,
    }));
    const text = named.map((each) => `${each.alias}:${entitiesOf(each.text, each.variable)}`).join(' ');
    const operation = this.#textOf(
      request,
      `{${text}}`,
      named.map(({ variable }) => variable),
    );
    const batches = named.map(
      ({ alias, variable, requires, paths }): EntityBatch => ({
        ...NO_REWRITES,
        alias,
        variable,
        requires,
        paths,
        keys: responseKeys(operation, alias),
      }),
    );
    return {
      kind: 'BatchFetch',
      serviceName: request.subgraph,
      operation,
      variableUsages: [...request.variables],
      batches,
    };
  }

  #fetch({ subgraph, variables }: Request, operation: string) {
    return { kind: 'Fetch' as const, serviceName: subgraph, operation, variableUsages: [...variables], ...NO_REWRITES };
  }

  #textOf({ wave, variables }: Request, selection: string, lists: readonly string[]): string {
    const definitions = [
      ...lists.map((name) => `$${name}:[_Any!]!`),
      ...[...variables].map((name) => this.#operation.variables.get(name) ?? ''),
    ];
    const kind = wave === 0 ? this.#operation.kind : 'query';
    if (kind === 'query' && definitions.length === 0) return selection;
    return `${kind}${definitions.length > 0 ? `(${definitions.join(',')})` : ''}${selection}`;
  }

  #fieldOf(typename: string, name: string): FieldSupply {
    const found = this.#supply.typeOf(typename)?.fields.get(name);
    if (!found) throw NOT_DIRECT;
    return found;
  }

  #request(subgraph: string, wave: number): Request {
    const requests = this.#waves[wave] ?? new Map<string, Request>();
    this.#waves[wave] = requests;
    const request = requests.get(subgraph) ?? { subgraph, wave, variables: new Set(), entities: new Map() };
    requests.set(subgraph, request);
    return request;
  }
}

const TYPENAME = '__typename';
/** Each item of a list, or of the lists in it. */
const EACH: PlanPath = ['@'];
const NO_REWRITES = { inputRewrites: [], outputRewrites: [] };

function entitiesOf(asked: string, variable: string): string {
  return `_entities(representations:$${variable})${asked.slice(asked.indexOf('{'))}`;
}

function leaf(name: string): RequiredSelection {
  return { kind: 'Field', name, responseKey: name, selections: null };
}

function together(nodes: readonly PlanNode[]): PlanNode {
  const [only, another] = nodes;
  return only && !another ? only : { kind: 'Parallel', nodes };
}

function inOrder(nodes: readonly PlanNode[]): PlanNode {
  const [only, another] = nodes;
  return only && !another ? only : { kind: 'Sequence', nodes };
}

function push(map: Map<string, NormalField[]>, key: string | undefined, field: NormalField): void {
  if (key === undefined) throw NOT_DIRECT;
  const known = map.get(key);
  if (known) known.push(field);
  else map.set(key, [field]);
}
