/** Bytes, and the same four at a time, for loops over so few that a native call would not pay. */
export interface Text {
  readonly bytes: Buffer;
  readonly words: DataView;
}

export function textOf(bytes: Buffer | string): Text {
  const text = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return { bytes: text, words: new DataView(text.buffer, text.byteOffset, text.byteLength) };
}

/** Answers whether a text stands at a place of another one. */
export function standsAt({ bytes: within, words: withinWords }: Text, at: number, { bytes, words }: Text): boolean {
  const { length } = bytes;
  if (at + length > within.length) return false;
  let nth = 0;
  for (; nth + 4 <= length; nth += 4) if (withinWords.getInt32(at + nth) !== words.getInt32(nth)) return false;
  for (; nth < length; nth += 1) if (within[at + nth] !== bytes[nth]) return false;
  return true;
}

/** A place to write bytes whose number is known when they are written. There is one, that grows: nobody waits while he writes. */
export class Page {
  length = 0;
  #text = textOf(Buffer.allocUnsafeSlow(LEAST));

  write(text: Text): void {
    this.copy(text, 0, text.bytes.length);
  }

  /** What was written before once more. */
  repeat(from: number, to: number): void {
    this.copy(this.#text, from, to);
  }

  copy(source: Text, from: number, to: number): void {
    const until = this.length + to - from;
    if (until > this.#text.bytes.length) this.#turn(2 * until);
    if (to - from > FEW) source.bytes.copy(this.#text.bytes, this.length, from, to);
    else this.#copyFew(source, from, to);
    this.length = until;
  }

  #copyFew({ bytes: source, words: sourceWords }: Text, from: number, to: number): void {
    const { bytes, words } = this.#text;
    let into = this.length;
    let at = from;
    for (; at + 4 <= to; at += 4, into += 4) words.setInt32(into, sourceWords.getInt32(at));
    for (; at < to; at += 1, into += 1) bytes[into] = source[at] ?? 0;
  }

  /** What was written, in a buffer of its own; then the page is empty. */
  tear(): Buffer {
    const torn = Buffer.from(this.#text.bytes.subarray(0, this.length));
    this.clear();
    return torn;
  }

  /** What was written, as text; then the page is empty. */
  read(): string {
    const text = this.#text.bytes.toString('utf8', 0, this.length);
    this.clear();
    return text;
  }

  clear(): void {
    this.length = 0;
    if (this.#text.bytes.length > MOST) this.#text = textOf(Buffer.allocUnsafeSlow(LEAST));
  }

  #turn(length: number): void {
    const larger = Buffer.allocUnsafeSlow(length);
    this.#text.bytes.copy(larger, 0, 0, this.length);
    this.#text = textOf(larger);
  }
}

/** So few bytes are copied here, and more by a native call. */
const FEW = 96;
const LEAST = 64 * 1024;
/** What is kept for the next one. */
const MOST = 4 * 1024 * 1024;

export const page = new Page();
