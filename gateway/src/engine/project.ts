import { GraphQLError } from 'graphql';
import { deniedError } from './access/denied.ts';
import type { Denial } from './access/need.ts';
import { ErrorIndex } from './error-index.ts';
import { leftOutError, located, type SubgraphError } from './errors.ts';
import type { Losses, NullFrom } from './losses.ts';
import { isJsonObject, type Json, type JsonObject, valueOf } from './response.ts';
import type { Content, SelectedField, Selection, Shape } from './selection.ts';

/** What projecting looks at besides the response. */
export interface Projection {
  /** What subgraphs reported; what projecting finds is added. */
  readonly errors: GraphQLError[];
  readonly losses: Pick<Losses, 'explain' | 'nullOf'>;
  /** The subgraph that was asked for a field, where it is one; by what the field is called in fetches. */
  whoTells(fetchKey: string): string | null;
  isAbstract(typename: unknown): boolean;
  /** Objects that hang in several places; each is projected once. */
  readonly shared: ReadonlySet<Json>;
  /** Answers to `__schema` and `__type`, by response key. */
  readonly introspected: JsonObject | null;
}

/** A null on its way up to the nearest place that may be null (GraphQL, section 6.4.4). */
const BUBBLE = Symbol('bubble');
type Projected = Json | typeof BUBBLE;

/** A client with a thousand nulls for one reason reads no more than this about it. */
const MAX_TOLD = 100;

/**
 * Cuts the client's answer out of what the fetches brought: its fields, its names, its order, and nulls where the schema says so.
 * A null in a place that may not be null takes its parent with it, and leaves one error unless a fetch left one there already.
 *
 * @returns null when it reached the root
 */
export function project(response: JsonObject, selection: Selection, projection: Projection): JsonObject | null {
  const projected = new Projector(projection).object(response, selection);
  return isJsonObject(projected) ? projected : null;
}

class Projector {
  readonly #given: Projection;
  /** Where the walk is; copied only for an error. */
  readonly #at: (string | number)[] = [];
  #index: ErrorIndex | null = null;
  #toldDenied: Map<SelectedField, number> | null = null;
  readonly #known = new Map<Selection, Map<JsonObject, JsonObject>>();
  /** How many objects around the walk were answered with null somewhere, and why. */
  readonly #nulls: Record<NullFrom, number> = { error: 0, nothing: 0 };
  #complaints = 0;
  /** How often something was wrong so far. */
  #reported = 0;

  constructor(given: Projection) {
    this.#given = given;
  }

  /** What was projected without a word on the way reads the same in every place. */
  object(value: JsonObject, selection: Selection): JsonObject | typeof BUBBLE {
    if (!this.#given.shared.has(value)) return this.#object(value, selection);
    const known = this.#known.get(selection)?.get(value);
    if (known) return known;
    const before = this.#reported;
    const made = this.#object(value, selection);
    if (made === BUBBLE || this.#reported !== before) return made;
    const ofSelection = this.#known.get(selection) ?? new Map<JsonObject, JsonObject>();
    this.#known.set(selection, ofSelection.set(value, made));
    return made;
  }

  #object(value: JsonObject, selection: Selection): JsonObject | typeof BUBBLE {
    const typename = selection.onlyType ?? value['__typename'];
    const fields = this.#fieldsOf(selection, typename);
    if (!fields) return this.#bubble();
    const nullFrom = this.#given.losses.nullOf(value);
    if (nullFrom === undefined) return this.#cut(value, fields, String(typename));
    this.#nulls[nullFrom] += 1;
    const projected = this.#cut(value, fields, String(typename));
    this.#nulls[nullFrom] -= 1;
    return projected;
  }

  #cut(value: JsonObject, fields: readonly SelectedField[], typename: string): JsonObject | typeof BUBBLE {
    const projected: JsonObject = {};
    for (const field of fields) {
      const inner = this.#field(value, field, typename);
      if (inner === BUBBLE) return BUBBLE;
      projected[field.responseKey] = inner;
    }
    return projected;
  }

  /** Of an interface that a subgraph knows as one object only the interface's own name may be told. */
  #fieldsOf(selection: Selection, typename: Json | undefined): readonly SelectedField[] | undefined {
    if (typeof typename !== 'string') return selection.anyFields();
    return selection.fieldsOf(typename) ?? (this.#given.isAbstract(typename) ? selection.anyFields() : undefined);
  }

  #field(object: JsonObject, field: SelectedField, typename: string): Projected {
    const { responseKey, fetchKey, shape, content } = field;
    if (content.kind === 'typename') return typename;
    // Before anything is looked at: the planner may have fetched it for itself, as a key or for @requires.
    if (content.kind === 'denied') return this.#deny(field, content.denial);
    if (content.kind === 'introspection') return this.#given.introspected?.[responseKey] ?? null;
    const present = valueOf(object, fetchKey);
    this.#at.push(responseKey);
    if (present === undefined) this.#explainHole(object, fetchKey);
    const projected = this.#value(present ?? null, shape, content);
    this.#at.pop();
    return projected;
  }

  #value(value: Json, shape: Shape, content: Content): Projected {
    const inner =
      value === null ? null : shape.item ? this.#list(value, shape.item, content) : this.#one(value, content);
    if (inner === BUBBLE) return shape.isNonNull ? BUBBLE : null;
    return inner === null && shape.isNonNull ? this.#bubble() : inner;
  }

  #list(value: Json, item: Shape, content: Content): Projected {
    if (!Array.isArray(value)) return this.#mismatch();
    const items: Json[] = [];
    for (let index = 0; index < value.length; index += 1) {
      this.#at.push(index);
      const inner = this.#value(value[index] ?? null, item, content);
      this.#at.pop();
      if (inner === BUBBLE) return BUBBLE;
      items.push(inner);
    }
    return items;
  }

  #one(value: Json, content: Content): Projected {
    if (content.kind === 'object')
      return isJsonObject(value) ? this.object(value, content.selection) : this.#mismatch();
    return content.kind !== 'leaf' || content.isValid(value) ? value : this.#mismatch();
  }

  #deny(field: SelectedField, denial: Denial): Projected {
    this.#reported += 1;
    this.#toldDenied ??= new Map();
    const told = this.#toldDenied.get(field) ?? 0;
    this.#toldDenied.set(field, told + 1);
    if (told < MAX_TOLD) this.#report(deniedError(denial, [...this.#at, field.responseKey]));
    return field.shape.isNonNull ? BUBBLE : null;
  }

  #explainHole(object: JsonObject, fetchKey: string): void {
    this.#reported += 1;
    const error = this.#given.losses.explain(object, fetchKey, () => [...this.#at]);
    if (error) this.#report(error);
    // The error stands at the field that took the others of its object along, or was told of other holes: it explains this one too.
    else if (error === null || this.#nulls.error > 0) this.#errors().add({ path: [...this.#at] });
    else if (this.#nulls.nothing === 0 && !this.#errors().concerns(this.#at))
      this.#complain(leftOutError(this.#given.whoTells(fetchKey)));
  }

  #mismatch(): null {
    this.#reported += 1;
    this.#complain(problem('A subgraph answered with something else than the schema promises.'));
    return null;
  }

  #bubble(): typeof BUBBLE {
    this.#reported += 1;
    if (!this.#errors().concerns(this.#at)) this.#complain(problem('A subgraph left out what the schema promises.'));
    return BUBBLE;
  }

  /** What nobody has said yet, where the walk is; a hundred times, and then it only counts as said. */
  #complain(error: SubgraphError): void {
    const path = [...this.#at];
    this.#complaints += 1;
    if (this.#complaints <= MAX_TOLD) this.#report(located(error, path));
    else this.#errors().add({ path });
  }

  #errors(): ErrorIndex {
    this.#index ??= new ErrorIndex(this.#given.errors);
    return this.#index;
  }

  #report(error: GraphQLError): void {
    this.#given.errors.push(error);
    this.#index?.add(error);
  }
}

function problem(message: string): SubgraphError {
  return new GraphQLError(message, { extensions: { code: 'UPSTREAM_UNAVAILABLE' } });
}
