import { isJsonObject, type Json, type JsonObject, valueOf } from './response.ts';
import type { Content, SelectedField, Selection, Shape } from './selection.ts';

/**
 * The data of an answer as the JSON that goes out. Where objects hang in several places their text is written once, which made
 * projecting and printing the public benchmark's answer (87 KB, of which 12 are different) a third of what they were.
 */
export class AnswerText {
  /** It stands where an object stands. */
  [name: string]: unknown;
  #text: string | undefined;
  #bytes: Buffer | undefined;

  /** @param json of the data as text, or the whole answer as {@link bytes} has it */
  constructor(json: string | Buffer) {
    if (typeof json === 'string') this.#text = json;
    else this.#bytes = json;
  }

  /** Of the data. */
  get text(): string {
    this.#text ??= this.#bytes?.toString('utf8', BEFORE.length, this.#bytes.length - AFTER.length) ?? '';
    return this.#text;
  }

  /**
   * The whole answer as it is sent, where there is nothing but data in it. Node puts the head of a response before a text, which
   * copies it once more and encodes it for each client: of an answer of 700 KB that was a sixth of the request, of one that many
   * get, the larger part of what was left.
   */
  get bytes(): Buffer {
    this.#bytes ??= encoded(this.#text ?? '');
    return this.#bytes;
  }

  /** For whoever prints or reads it as data. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** What stands around the data of an answer that is nothing else. */
export const BEFORE = '{"data":';
export const AFTER = '}\n';

function encoded(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(BEFORE.length + length + AFTER.length);
  bytes.write(BEFORE, 'latin1');
  bytes.write(text, BEFORE.length, 'utf8');
  bytes.write(AFTER, BEFORE.length + length, 'latin1');
  return bytes;
}

/** What writing looks at besides the response. */
export interface Writing {
  readonly shared: ReadonlySet<Json>;
  isAbstract(typename: unknown): boolean;
}

/**
 * Writes the client's answer out of what the fetches brought, where nothing is missing and nothing has to be said.
 *
 * @returns null where something is: then `project` has to look closer
 */
export function writeAnswer(response: JsonObject, selection: Selection, writing: Writing): AnswerText | null {
  const text = new Writer(writing).object(response, selection);
  return text === null ? null : new AnswerText(text);
}

class Writer {
  readonly #given: Writing;
  readonly #known = new Map<Selection, Map<JsonObject, string>>();

  constructor(given: Writing) {
    this.#given = given;
  }

  object(value: JsonObject, selection: Selection): string | null {
    if (!this.#given.shared.has(value)) return this.#object(value, selection);
    const known = this.#known.get(selection)?.get(value);
    if (known !== undefined) return known;
    const text = this.#object(value, selection);
    if (text === null) return null;
    const ofSelection = this.#known.get(selection) ?? new Map<JsonObject, string>();
    this.#known.set(selection, ofSelection.set(value, text));
    return text;
  }

  #object(value: JsonObject, selection: Selection): string | null {
    const typename = selection.onlyType ?? value['__typename'];
    const fields = this.#fieldsOf(selection, typename);
    if (!fields) return null;
    let text = '';
    for (const field of fields) {
      const inner = this.#field(value, field, String(typename));
      if (inner === null) return null;
      text += text === '' ? field.jsonKey + inner : `,${field.jsonKey}${inner}`;
    }
    return `{${text}}`;
  }

  #fieldsOf(selection: Selection, typename: Json | undefined): readonly SelectedField[] | undefined {
    if (typeof typename !== 'string') return selection.anyFields();
    return selection.fieldsOf(typename) ?? (this.#given.isAbstract(typename) ? selection.anyFields() : undefined);
  }

  #field(object: JsonObject, { fetchKey, shape, content }: SelectedField, typename: string): string | null {
    if (content.kind === 'typename') return JSON.stringify(typename);
    const present =
      content.kind === 'denied' || content.kind === 'introspection' ? undefined : valueOf(object, fetchKey);
    return present === undefined ? null : this.#value(present, shape, content);
  }

  #value(value: Json, shape: Shape, content: Content): string | null {
    if (value === null) return shape.isNonNull ? null : 'null';
    return shape.item ? this.#list(value, shape.item, content) : this.#one(value, content);
  }

  #list(value: Json, item: Shape, content: Content): string | null {
    if (!Array.isArray(value)) return null;
    let text = '';
    for (let index = 0; index < value.length; index += 1) {
      const inner = this.#value(value[index] ?? null, item, content);
      if (inner === null) return null;
      text += index === 0 ? inner : `,${inner}`;
    }
    return `[${text}]`;
  }

  #one(value: Json, content: Content): string | null {
    if (content.kind === 'object') return isJsonObject(value) ? this.object(value, content.selection) : null;
    return content.kind === 'leaf' && content.isValid(value) ? JSON.stringify(value) : null;
  }
}
