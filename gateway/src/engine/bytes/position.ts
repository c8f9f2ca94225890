import type { FieldShape, ObjectShape } from './shape.ts';
import { NOT_PLAIN } from './tape.ts';

/** What tells of an object: the answer that it came in, or a later one, whose record is found by a place in the first record. */
export interface Source {
  readonly shape: ObjectShape;
  /** Where in the object's record the place of this source's stands; 0: it is the object's record. */
  readonly via: number;
}

/** A field, and which source tells it. */
export interface Told {
  readonly via: number;
  readonly answer: number;
  readonly field: FieldShape;
}

/** Objects at one place of the response, lists aside. */
export class Position {
  /** Of the objects as they first came. */
  readonly shape: ObjectShape;
  readonly #sources: Source[];
  readonly #below = new Map<string, Position>();

  constructor(shape: ObjectShape) {
    this.shape = shape;
    this.#sources = [{ shape, via: 0 }];
  }

  get typename(): string {
    return this.shape.typename;
  }

  /**
   * Another answer tells of these objects too.
   *
   * @param slots where it does, by what the objects came as: several positions may be told of by the same records
   * @returns where in their records
   */
  add(shape: ObjectShape, slots: Map<ObjectShape, number>): number {
    if (shape.typename !== this.typename) throw NOT_PLAIN;
    const via = slots.get(this.shape) ?? this.shape.size++;
    slots.set(this.shape, via);
    this.#sources.push({ shape, via });
    return via;
  }

  /**
   * Whoever tells a field first tells it, as a leaf stays that is there already.
   *
   * @throws NOT_PLAIN when nobody does, or when it is an object that several tell of
   */
  told(responseKey: string): Told {
    const all = this.#sources.flatMap(({ shape, via }): Told[] => {
      const field = shape.fields.find((each) => each.responseKey === responseKey);
      return field ? [{ via, answer: shape.answer, field }] : [];
    });
    const [first] = all;
    if (!first || (all.length > 1 && all.some(({ field }) => field.value.kind === 'object'))) throw NOT_PLAIN;
    return first;
  }

  /** The objects of a field. @throws NOT_PLAIN when it has none */
  below(responseKey: string): Position {
    const known = this.#below.get(responseKey);
    if (known) return known;
    const { value } = this.told(responseKey).field;
    if (value.kind !== 'object') throw NOT_PLAIN;
    const made = new Position(value.below);
    this.#below.set(responseKey, made);
    return made;
  }

  /** Answers whether these fields, in this order, are all that is known of the objects, and told at once. */
  isWhole(responseKeys: readonly string[]): boolean {
    const [own, another] = this.#sources;
    if (!own || another || own.shape.fields.length !== responseKeys.length) return false;
    return own.shape.fields.every((field, nth) => field.responseKey === responseKeys[nth]);
  }
}

/** A step from an object to those of one of its fields. */
export interface Step {
  readonly via: number;
  readonly slot: number;
  /** How many lists are around each object. */
  readonly lists: number;
}

/** How many lists are around a value. */
export function listsAround({ value }: FieldShape): number {
  let count = 0;
  for (let item = value.item; item !== null; item = item.item) count += 1;
  return count;
}
