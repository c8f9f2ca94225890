import type { ExecutionResult } from 'graphql';

/**
 * A subgraph's answer as it came: JSON, which is read when somebody looks. Whoever derives the same from the same text never does.
 *
 * What it was read to belongs to whoever holds it, and may be changed in place.
 */
export class TextAnswer implements ExecutionResult {
  readonly text: string;
  /** Of an event, as `StreamEvent` has it. */
  readonly place: string | undefined;
  #read: ExecutionResult | undefined;

  /** @param read what the text says, where that is at hand */
  constructor(text: string, read?: ExecutionResult, place?: string) {
    this.text = text;
    this.place = place;
    this.#read = read;
  }

  get data(): NonNullable<ExecutionResult['data']> | null {
    return this.#result().data ?? null;
  }

  get errors(): NonNullable<ExecutionResult['errors']> {
    return this.#result().errors ?? [];
  }

  /** The same answer in objects of its own. */
  copy(): TextAnswer {
    return new TextAnswer(this.text);
  }

  /** @throws SyntaxError where it is no JSON */
  #result(): ExecutionResult {
    this.#read ??= readResult(this.text);
    return this.#read;
  }
}

/** The engine looks at what is in it; that it is an object is all that is known here. */
function readResult(text: string): ExecutionResult {
  const result: unknown = JSON.parse(text);
  if (typeof result !== 'object' || result === null) throw new Error('The answer is no GraphQL result.');
  return result;
}
