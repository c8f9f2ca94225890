import type { Entities, Layout, Leaf, Places } from './layout.ts';
import type { Text } from './page.ts';
import type { ObjectShape } from './shape.ts';
import { NOBODY, table } from './table.ts';
import { BEGIN, END, NOT_PLAIN, SHARED, type Tape } from './tape.ts';

/** What an execution knows so far. */
export interface Known {
  readonly layout: Layout;
  readonly tape: Tape;
  /** The record that everything hangs from. */
  readonly root: number;
  /** By their numbers; those that are not there yet are left out. */
  readonly answers: Text[];
  /** How many walks there were. */
  walks: number;
}

/** Entities to ask for, without repeats, and where each answer's place is to be written. */
export interface Wanted {
  /** One object of each representation; beside it, by which of the paths it was found. */
  readonly records: readonly number[];
  readonly paths: readonly number[];
  /** Where on the tape; and beside it, which representation's. */
  readonly places: readonly number[];
  readonly grouped: readonly number[];
}

/**
 * Finds the objects that are asked for, as `representationsOf` does: those with the same leaves at once, in the same order.
 *
 * @throws NOT_PLAIN when one depends on more than leaves
 */
export function want({ places }: Entities, known: Known): Wanted {
  const walk = new Walk(known, places);
  try {
    for (let path = 0; path < places.length; path += 1) walk.go(path);
    return walk;
  } finally {
    table.clear();
  }
}

class Walk implements Wanted {
  readonly records: number[] = [];
  readonly paths: number[] = [];
  readonly places: number[] = [];
  readonly grouped: number[] = [];
  readonly #known: Known;
  readonly #all: readonly Places[];
  /** Of each representation, the first object that the latest path reached, and which path that was. */
  readonly #first: number[] = [];
  readonly #latest: number[] = [];
  #path = 0;

  constructor(known: Known, all: readonly Places[]) {
    this.#known = known;
    this.#all = all;
  }

  go(path: number): void {
    const places = this.#all[path];
    if (!places) return;
    this.#path = path;
    // What is shared hangs at one depth of one path, so that its second visit would be the first again: objects of one answer, for
    // what is asked at once is asked of what was known before, so that no path leads from one of them to another.
    this.#known.walks += 1;
    this.#record(this.#known.root, 0, places, 0);
  }

  /** @param holder where on the tape the record's place stands */
  #record(record: number, holder: number, places: Places, depth: number): void {
    if (this.#wasHere(record)) return;
    const step = places.path[depth];
    if (!step) return this.#reach(record, holder, places);
    const source = step.via === 0 ? record : this.#known.tape.numbers[record + step.via];
    if (!source) throw NOT_PLAIN;
    if (source === record || !this.#wasHere(source)) this.#value(source + step.slot, step.lists, places, depth + 1);
  }

  #wasHere(record: number): boolean {
    const { numbers } = this.#known.tape;
    const walk = this.#known.walks + 1;
    const last = numbers[record + SHARED];
    if (last) numbers[record + SHARED] = walk;
    return last === walk;
  }

  #value(holder: number, lists: number, places: Places, depth: number): void {
    const { numbers } = this.#known.tape;
    const place = numbers[holder] ?? 0;
    if (place === 0) return;
    if (lists === 0) return this.#record(place, holder, places, depth);
    const count = numbers[place] ?? 0;
    for (let nth = 1; nth <= count; nth += 1) this.#value(place + nth, lists - 1, places, depth);
  }

  #reach(record: number, holder: number, places: Places): void {
    const hash = this.#hashOf(record, places.leaves);
    const known = this.#find(hash, record, places.leaves);
    if (known === NOBODY) {
      table.put(hash, this.records.length);
      this.#add(record, places, this.records.length);
      this.records.push(record);
      this.paths.push(this.#path);
      this.#first.push(record);
      this.#latest.push(this.#path);
    } else if (this.#latest[known] !== this.#path) {
      this.#latest[known] = this.#path;
      this.#first[known] = record;
      this.#add(record, places, known);
    } else if (!this.#unite(this.#first[known] ?? 0, record, holder, places)) this.#add(record, places, known);
  }

  /** The number of the representation that an object has too. */
  #find(hash: number, record: number, leaves: readonly Leaf[]): number {
    let slot = table.slotOf(hash);
    for (let tries = 0; ; tries += 1) {
      const number = table.at(slot);
      if (number === NOBODY || this.#haveSameLeaves(number, record, leaves)) return number;
      // Somebody chose leaves whose hashes are alike.
      if (tries === MAX_ALIKE) throw NOT_PLAIN;
      slot = table.after(slot);
    }
  }

  #add(record: number, { via }: Places, number: number): void {
    this.places.push(record + via);
    this.grouped.push(number);
  }

  /** FNV-1a, of so many bits that V8 needs no object for it. Also looks for what may be another text when it is read and printed. */
  #hashOf(record: number, leaves: readonly Leaf[]): number {
    const { numbers } = this.#known.tape;
    let hash = 0x811c9dc5;
    for (const leaf of leaves) {
      const source = this.#source(record, leaf);
      const bytes = this.#answer(leaf);
      const from = numbers[source + leaf.slot] ?? 0;
      const to = numbers[source + leaf.slot + 1] ?? 0;
      // Escapes in strings, points in numbers.
      const odd = bytes[from] === QUOTE ? BACKSLASH : POINT;
      for (let at = from; at < to; at += 1) {
        const byte = bytes[at] ?? 0;
        if (byte === odd) throw NOT_PLAIN;
        hash = Math.imul(hash ^ byte, 0x01000193);
      }
    }
    return hash & 0x3fffffff;
  }

  #haveSameLeaves(number: number, other: number, leaves: readonly Leaf[]): boolean {
    const { numbers } = this.#known.tape;
    const record = this.records[number] ?? 0;
    const own = this.#all[this.paths[number] ?? 0]?.leaves ?? [];
    for (let nth = 0; nth < leaves.length; nth += 1) {
      const [one, two] = [own[nth], leaves[nth]];
      if (!one || !two) return false;
      const [source, otherSource] = [this.#source(record, one), this.#source(other, two)];
      const [bytes, otherBytes] = [this.#answer(one), this.#answer(two)];
      const begin = numbers[source + one.slot] ?? 0;
      const otherBegin = numbers[otherSource + two.slot] ?? 0;
      const length = (numbers[source + one.slot + 1] ?? 0) - begin;
      if (length !== (numbers[otherSource + two.slot + 1] ?? 0) - otherBegin) return false;
      for (let at = 0; at < length; at += 1) if (bytes[begin + at] !== otherBytes[otherBegin + at]) return false;
    }
    return true;
  }

  #source(record: number, { via }: Leaf): number {
    const source = via === 0 ? record : this.#known.tape.numbers[record + via];
    if (!source) throw NOT_PLAIN;
    return source;
  }

  #answer({ answer }: Leaf): Buffer {
    const text = this.#known.answers[answer];
    if (!text) throw NOT_PLAIN;
    return text.bytes;
  }

  /** Puts the first object into another place, when what stands there is equal: it is walked and written once (`sharing.ts`). */
  #unite(first: number, record: number, holder: number, { shape }: Places): boolean {
    if (first === record) return true;
    const { numbers } = this.#known.tape;
    if (holder === 0 || !this.#isSame(first, record, shape)) return false;
    numbers[first + SHARED] ||= this.#known.walks + 1;
    numbers[holder] = first;
    return true;
  }

  /** Whether two objects came as the same text, and all that was told of them later is the same. */
  #isSame(one: number, other: number, { answer, links, size }: ObjectShape): boolean {
    const { numbers } = this.#known.tape;
    const bytes = this.#known.answers[answer]?.bytes;
    if (!bytes) return false;
    for (let link = links; link < size; link += 1) if (numbers[one + link] !== numbers[other + link]) return false;
    const [from, to] = [numbers[one + BEGIN] ?? 0, numbers[one + END] ?? 0];
    const [otherFrom, otherTo] = [numbers[other + BEGIN] ?? 0, numbers[other + END] ?? 0];
    return to - from === otherTo - otherFrom && bytes.compare(bytes, from, to, otherFrom, otherTo) === 0;
  }
}

/** Others in the way of one whose place is taken, beyond which that is no accident. */
const MAX_ALIKE = 64;
const QUOTE = 0x22;
const POINT = 0x2e;
const BACKSLASH = 0x5c;
