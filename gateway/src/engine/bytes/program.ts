import type { SelectedField, Selection } from '../selection.ts';
import { type Text, textOf } from './page.ts';
import { listsAround, type Position, type Told } from './position.ts';
import { NOT_PLAIN } from './tape.ts';

/** How the client's object is written out of what is known of it: in order, part by part. */
export interface Program {
  readonly parts: readonly Part[];
}

export type Part =
  /** Always the same. */
  | { readonly kind: 'text'; readonly text: Text }
  /** What stands in an answer, from one leaf to the same or a later one of the same object. */
  | Run
  /** An object of the client's, or a list of them. */
  | {
      readonly kind: 'object';
      readonly via: number;
      readonly slot: number;
      readonly lists: number;
      readonly program: Program;
    };

export interface Run {
  readonly kind: 'run';
  readonly via: number;
  readonly answer: number;
  /** Where the record has its begin, and how much stands before that which belongs to it. */
  readonly from: number;
  readonly before: number;
  /** Where the record has its end. */
  readonly to: number;
}

/**
 * Compiles what a client selects of objects at a position. Fields that an answer has beside each other, as the client wants them,
 * are copied at one go: of a list of plain objects the whole text.
 *
 * @throws NOT_PLAIN where writing depends on what an object is, or on who asks
 */
export function compileProgram(selection: Selection, position: Position): Program {
  return programOf(selection, position);
}

/** A program, and whether it writes what stands in one answer as it stands there. */
interface Compiled extends Program {
  readonly isVerbatim: boolean;
}

function programOf(selection: Selection, position: Position): Compiled {
  const fields = selection.onlyType === position.typename ? selection.fieldsOf(position.typename) : undefined;
  if (!fields || fields.length === 0) throw NOT_PLAIN;
  const parts = new Parts();
  let isVerbatim = position.isWhole(fields.map(({ fetchKey }) => fetchKey));
  for (const [nth, field] of fields.entries()) {
    const isAsItStands = addField(field, position, nth === 0 ? '{' : ',', parts);
    isVerbatim &&= isAsItStands;
  }
  parts.text('}');
  return { parts: parts.all, isVerbatim };
}

/** @returns whether it is written as its answer has it */
function addField(
  { content, fetchKey, jsonKey }: SelectedField,
  position: Position,
  before: string,
  parts: Parts,
): boolean {
  if (content.kind === 'typename') {
    parts.text(`${before}${jsonKey}${JSON.stringify(position.typename)}`);
    return false;
  }
  if (content.kind === 'denied' || content.kind === 'introspection') throw NOT_PLAIN;
  const told = position.told(fetchKey);
  const { via, field } = told;
  const inner = content.kind === 'object' ? programOf(content.selection, position.below(fetchKey)) : null;
  if (inner === null && field.value.kind === 'object') throw NOT_PLAIN;
  if (inner === null || inner.isVerbatim) {
    const isNamed = field.key === jsonKey;
    parts.run(before, told, isNamed ? null : jsonKey);
    return isNamed;
  }
  parts.text(`${before}${jsonKey}`);
  parts.object({ kind: 'object', via, slot: field.slot, lists: listsAround(field), program: inner });
  return false;
}

/** Parts as they are put together: texts that follow each other are one, and so are fields. */
class Parts {
  readonly all: Part[] = [];
  /** The field that the last part ends with. */
  #last: Told | null = null;

  text(text: string): void {
    const last = this.all.at(-1);
    if (last?.kind === 'text')
      this.all[this.all.length - 1] = { kind: 'text', text: textOf(`${last.text.bytes.toString()}${text}`) };
    else this.all.push({ kind: 'text', text: textOf(text) });
    this.#last = null;
  }

  object(part: Part & { readonly kind: 'object' }): void {
    this.all.push(part);
    this.#last = null;
  }

  /** @param jsonKey what the client calls it, when that is not how its answer does */
  run(before: string, told: Told, jsonKey: string | null): void {
    const { via, answer, field } = told;
    const [from, to] = field.value.kind === 'object' ? [field.slot + 1, field.slot + 2] : [field.slot, field.slot + 1];
    const last = this.all.at(-1);
    const isNext =
      jsonKey === null &&
      before === ',' &&
      last?.kind === 'run' &&
      this.#last?.via === via &&
      this.#last.answer === answer &&
      this.#last.field.index === field.index - 1;
    if (isNext) this.all[this.all.length - 1] = { ...last, to };
    else {
      this.text(jsonKey === null ? before : `${before}${jsonKey}`);
      this.all.push({
        kind: 'run',
        via,
        answer,
        from,
        before: jsonKey === null ? Buffer.byteLength(field.key) : 0,
        to,
      });
    }
    this.#last = told;
  }
}
