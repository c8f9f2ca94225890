import type { GraphQLError } from 'graphql';
import { located, type SubgraphError } from './errors.ts';
import { pathOf, type ResponsePath, type Trail } from './path.ts';
import type { JsonObject } from './response.ts';

/** One fetch that did not bring what it owed. */
export interface Loss {
  /** Response keys that it owed to each object. */
  readonly keys: ReadonlySet<string>;
  readonly error: SubgraphError;
  /** Where one of the objects stands; for when no hole is seen. */
  readonly trail: Trail | null;
  told: number;
}

/** What stands behind a null in an object's place. */
export type NullFrom = 'error' | 'nothing';

/** A client with a thousand holes reads no more than this about one fetch. */
const MAX_TOLD = 100;

/** What failed fetches left out, by the object that lacks it, so that each hole in the client's answer says why it is one. */
export class Losses {
  readonly #byObject = new Map<JsonObject, Loss[]>();
  readonly #all: Loss[] = [];
  readonly #nulls = new Map<JsonObject, NullFrom>();

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** @param places the objects that lack it; the trail of the first is kept */
  add(
    error: SubgraphError,
    keys: ReadonlySet<string>,
    places: readonly { readonly object: JsonObject; readonly trail: Trail | null }[],
  ): void {
    const loss = { keys, error, trail: places[0]?.trail ?? null, told: 0 };
    this.#all.push(loss);
    for (const { object } of places) {
      const known = this.#byObject.get(object);
      if (known) known.push(loss);
      else this.#byObject.set(object, [loss]);
    }
  }

  /**
   * Objects that a subgraph answered with null, for errors that it told: all that it owed them is missing with what failed, and all
   * that it owed to what is below them.
   */
  refuse(objects: readonly JsonObject[]): void {
    for (const object of objects) this.#nulls.set(object, 'error');
  }

  /** Objects that a subgraph answered with null and without a word: it knows nothing of them, and nobody asks why. */
  pass(objects: readonly JsonObject[]): void {
    for (const object of objects) if (!this.#nulls.has(object)) this.#nulls.set(object, 'nothing');
  }

  /** Whether an object was answered with null somewhere: for an error that was told, or for nothing. */
  nullOf(object: JsonObject): NullFrom | undefined {
    return this.#nulls.get(object);
  }

  /**
   * Why an object has no such key: the fetch that owed it, or the first that failed, since others may have depended on it.
   *
   * @returns the error at that path; null when enough was said of the failure; undefined when there is none to blame
   */
  explain(object: JsonObject, key: string, path: () => ResponsePath): GraphQLError | null | undefined {
    const losses = this.#byObject.get(object);
    const loss = losses?.find(({ keys }) => keys.has(key)) ?? losses?.[0];
    if (!loss) return undefined;
    if (loss.told >= MAX_TOLD) return null;
    loss.told += 1;
    return located(loss.error, path());
  }

  /** Failures behind no hole that was seen: the whole parent is null, or nobody asked for what is missing. */
  untold(): GraphQLError[] {
    return this.#all
      .filter(({ told }) => told === 0)
      .map(({ error, trail }) => located(error, trail ? pathOf(trail) : undefined));
  }
}
