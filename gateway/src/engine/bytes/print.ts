import { AFTER, BEFORE } from '../write.ts';
import type { Entities, Places } from './layout.ts';
import { page, textOf } from './page.ts';
import type { Part, Program, Run } from './program.ts';
import { NOT_PLAIN, SHARED } from './tape.ts';
import type { Known, Wanted } from './walk.ts';

/**
 * Writes the client's answer, with nothing in it but data, out of the bytes of the subgraphs' answers.
 *
 * @throws NOT_PLAIN when something is missing
 */
export function printAnswer(known: Known): Buffer {
  page.clear();
  page.write(BEGIN);
  new Printer(known).object(known.root, known.layout.program);
  page.write(END);
  return page.tear();
}

/** Writes representations as a list (Federation subgraph specification, `_Any`). */
export function printRepresentations({ places }: Entities, { records, paths }: Wanted, known: Known): string {
  page.clear();
  page.write(OPEN_LIST);
  for (let number = 0; number < records.length; number += 1) {
    if (number > 0) page.write(COMMA);
    const from = places[paths[number] ?? 0];
    if (from) printRepresentation(records[number] ?? 0, from, known);
  }
  page.write(CLOSE_LIST);
  return page.read();
}

function printRepresentation(record: number, { between, leaves }: Places, { tape: { numbers }, answers }: Known): void {
  for (const [nth, before] of between.entries()) {
    page.write(before);
    const leaf = leaves[nth];
    const answer = leaf && answers[leaf.answer];
    if (!answer) continue;
    const source = leaf.via === 0 ? record : (numbers[record + leaf.via] ?? 0);
    page.copy(answer, numbers[source + leaf.slot] ?? 0, numbers[source + leaf.slot + 1] ?? 0);
  }
}

class Printer {
  readonly #known: Known;
  /** What hangs in several places, and where it was written last. */
  readonly #written = new Map<number, { readonly program: Program; readonly from: number; readonly to: number }>();

  constructor(known: Known) {
    this.#known = known;
  }

  /** What hangs in several places is written once, and copied from there. */
  object(record: number, program: Program): void {
    if (!this.#known.tape.numbers[record + SHARED]) return this.#parts(record, program.parts);
    const known = this.#written.get(record);
    if (known?.program === program) return page.repeat(known.from, known.to);
    const from = page.length;
    this.#parts(record, program.parts);
    this.#written.set(record, { program, from, to: page.length });
  }

  #parts(record: number, parts: readonly Part[]): void {
    for (const part of parts) {
      if (part.kind === 'text') page.write(part.text);
      else if (part.kind === 'run') this.#run(this.#source(record, part.via), part);
      else {
        const source = this.#source(record, part.via);
        this.#value(this.#known.tape.numbers[source + part.slot] ?? 0, part.lists, part.program);
      }
    }
  }

  #source(record: number, via: number): number {
    const source = via === 0 ? record : this.#known.tape.numbers[record + via];
    if (!source) throw NOT_PLAIN;
    return source;
  }

  #run(source: number, { answer: number, from, before, to }: Run): void {
    const { numbers } = this.#known.tape;
    const answer = this.#known.answers[number];
    if (!answer) throw NOT_PLAIN;
    page.copy(answer, (numbers[source + from] ?? 0) - before, numbers[source + to] ?? 0);
  }

  #value(place: number, lists: number, program: Program): void {
    if (place === 0) return page.write(NULL);
    if (lists === 0) return this.object(place, program);
    const { numbers } = this.#known.tape;
    const count = numbers[place] ?? 0;
    page.write(OPEN_LIST);
    for (let nth = 1; nth <= count; nth += 1) {
      if (nth > 1) page.write(COMMA);
      this.#value(numbers[place + nth] ?? 0, lists - 1, program);
    }
    page.write(CLOSE_LIST);
  }
}

const BEGIN = textOf(BEFORE);
const END = textOf(AFTER);
const NULL = textOf('null');
const OPEN_LIST = textOf('[');
const CLOSE_LIST = textOf(']');
const COMMA = textOf(',');
