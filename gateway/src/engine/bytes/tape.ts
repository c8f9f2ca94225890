/**
 * Where what was read of answers stands: whole numbers, one after the other.
 *
 * A record tells of one object: where its text begins and ends in the answer it came in, what `HEADER` adds, then for each of its
 * fields where the value is. A leaf is two numbers, its text's begin and end; an object or a list three, with where its own record
 * or list stands before them, 0 for null. A list is a length and as many places.
 */
export class Tape implements Disposable {
  numbers: Int32Array<ArrayBuffer>;
  /** 0 is nobody's place. */
  #used = 1;

  constructor() {
    this.numbers = spare.pop() ?? new Int32Array(LEAST);
  }

  /** @returns where so many zeroes stand from now on; `numbers` may be others afterwards */
  take(count: number): number {
    const place = this.#used;
    this.#used += count;
    if (this.#used > this.numbers.length) this.#grow(2 * this.#used);
    return place;
  }

  /** Makes room at once for about so many more. */
  expect(count: number): void {
    if (this.#used + count > this.numbers.length) this.#grow(this.#used + count);
  }

  /** Nobody looks at it any more. */
  [Symbol.dispose](): void {
    if (this.numbers.length <= MOST && spare.length < SPARE) spare.push(this.numbers.fill(0, 0, this.#used));
    this.numbers = NOTHING;
  }

  #grow(length: number): void {
    const grown = new Int32Array(length);
    grown.set(this.numbers.subarray(0, this.#used));
    this.numbers = grown;
  }
}

/** Numbers of a new tape, and of one that is kept for the next derivation; so many are kept. */
const LEAST = 2_048;
const MOST = 512 * 1_024;
const SPARE = 16;
const spare: Int32Array<ArrayBuffer>[] = [];
const NOTHING = new Int32Array(0);

/** What stands at the head of each record. */
export const BEGIN = 0;
export const END = 1;
/** Whether several places hold the object; then the number of the last walk that came by, plus 1. */
export const SHARED = 2;
export const HEADER = 3;

/** What is not as it was foreseen is nobody's fault: it is derived in the general way. Made once, for its trace tells nothing. */
export const NOT_PLAIN = new Error('This is not plain.');
