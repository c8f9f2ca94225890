/**
 * A place to write bytes whose number is known when they are written. There is one, that grows: nobody waits while he writes.
 */
export class Page {
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(LEAST);

  write(text: Buffer): void {
    this.copy(text, 0, text.length);
  }

  /** What was written before once more. */
  repeat(from: number, to: number): void {
    this.copy(this.#bytes, from, to);
  }

  copy(source: Buffer, from: number, to: number): void {
    const until = this.length + to - from;
    if (until > this.#bytes.length) this.#turn(2 * until);
    const bytes = this.#bytes;
    if (to - from > FEW) source.copy(bytes, this.length, from, to);
    else for (let at = from, into = this.length; at < to; at += 1, into += 1) bytes[into] = source[at] ?? 0;
    this.length = until;
  }

  /** What was written, in a buffer of its own; then the page is empty. */
  tear(): Buffer {
    const torn = Buffer.from(this.#bytes.subarray(0, this.length));
    this.clear();
    return torn;
  }

  /** What was written, as text; then the page is empty. */
  read(): string {
    const text = this.#bytes.toString('utf8', 0, this.length);
    this.clear();
    return text;
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > MOST) this.#bytes = Buffer.allocUnsafeSlow(LEAST);
  }

  #turn(length: number): void {
    const larger = Buffer.allocUnsafeSlow(length);
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}

/** So few bytes are copied faster one by one. */
const FEW = 48;
const LEAST = 64 * 1024;
/** What is kept for the next one. */
const MOST = 4 * 1024 * 1024;

export const page = new Page();
