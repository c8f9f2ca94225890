import type { ExecutionResult } from 'graphql';

/**
 * A subgraph's answer as it came: JSON, which is read when somebody looks. Whoever derives the same from the same bytes never does.
 *
 * What it was read to belongs to whoever holds it, and may be changed in place; the bytes are everybody's, and nobody changes them.
 */
export class TextAnswer implements ExecutionResult {
  /** Of an event, as `StreamEvent` has it. */
  readonly place: string | undefined;
  readonly #json: string | Buffer;
  #bytes: Buffer | undefined;
  #read: ExecutionResult | undefined;

  /**
   * @param json as text, or as UTF-8
   * @param read what it says, where that is at hand
   */
  constructor(json: string | Buffer, read?: ExecutionResult, place?: string) {
    this.#json = json;
    this.place = place;
    this.#read = read;
  }

  get bytes(): Buffer {
    this.#bytes ??= typeof this.#json === 'string' ? Buffer.from(this.#json) : this.#json;
    return this.#bytes;
  }

  get data(): NonNullable<ExecutionResult['data']> | null {
    return this.#result().data ?? null;
  }

  get errors(): NonNullable<ExecutionResult['errors']> {
    return this.#result().errors ?? [];
  }

  /** The same answer in objects of its own. */
  copy(): TextAnswer {
    return new TextAnswer(this.#json);
  }

  /** @throws SyntaxError where it is no JSON */
  #result(): ExecutionResult {
    this.#read ??= readResult(typeof this.#json === 'string' ? this.#json : textOf(this.#json));
    return this.#read;
  }
}

/** RFC 8259, section 8.1: UTF-8, and a byte order mark may be ignored. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The engine looks at what is in it; that it is an object is all that is known here. */
function readResult(text: string): ExecutionResult {
  const result: unknown = JSON.parse(text);
  if (typeof result !== 'object' || result === null) throw new Error('The answer is no GraphQL result.');
  return result;
}
