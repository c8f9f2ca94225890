import { MAX_INT, MIN_INT } from '../scalars.ts';
import { standsAt, type Text, textOf } from './page.ts';
import { NOT_PLAIN } from './tape.ts';

const NULL = textOf('null');
const TRUE = textOf('true');
const FALSE = textOf('false');
/** JSON within JSON that is followed. */
const MAX_DEPTH = 64;
/** What a number in JavaScript tells exactly, whatever digits they are. */
const MAX_DIGITS = 15;
/** Whatever is shorter is an Int. */
const DIGITS_OF_INT = 10;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const LETTER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
/** Goes over JSON without spaces, value by value. Each method throws NOT_PLAIN where something else stands. */
export class Scanner {
  at = 0;
  readonly bytes: Buffer;
  readonly #text: Text;
  readonly #words: DataView;
  /** Up to here four bytes can be looked at at once. */
  readonly #lastWord: number;

  /** @param text of UTF-8 */
  constructor(text: Text) {
    this.#text = text;
    this.bytes = text.bytes;
    this.#words = text.words;
    this.#lastWord = text.bytes.length - 4;
  }

  /** RFC 8259, section 7; that it is UTF-8 is known. */
  string(): void {
    const bytes = this.bytes;
    if (bytes[this.at] !== QUOTE) throw NOT_PLAIN;
    let at = this.at + 1;
    for (;;) {
      at = this.#skipPlain(at);
      const byte = bytes[at];
      if (byte === QUOTE) break;
      // Past the end there is nothing, which compares as no number does.
      if (byte === undefined || byte < SPACE) throw NOT_PLAIN;
      if (byte === BACKSLASH) at += this.#escape(at + 1);
      at += 1;
    }
    this.at = at + 1;
  }

  /**
   * Goes on while four bytes at once are neither quote nor backslash nor control characters: in each byte the highest bit tells
   * whether something below was subtracted too much from.
   */
  #skipPlain(from: number): number {
    let at = from;
    for (; at <= this.#lastWord; at += 4) {
      const word = this.#words.getInt32(at, true);
      const quote = (word ^ 0x22222222) - 0x01010101;
      const backslash = (word ^ 0x5c5c5c5c) - 0x01010101;
      if (((word - 0x20202020) | quote | backslash) & ~word & 0x80808080) return at;
    }
    return at;
  }

  /** @returns how many characters there are behind the backslash */
  #escape(at: number): number {
    const letter = this.bytes[at] ?? 0;
    if (ESCAPED[letter] !== 1) throw NOT_PLAIN;
    if (letter !== LETTER_U) return 1;
    for (let nth = 1; nth <= 4; nth += 1) if (HEXADECIMAL[this.bytes[at + nth] ?? 0] !== 1) throw NOT_PLAIN;
    return 5;
  }

  /** RFC 8259, section 6, without exponents, and no longer than a number in JavaScript is exact: others would not come out as here. */
  number(): void {
    const begin = this.at;
    if (this.bytes[this.at] === MINUS) this.at += 1;
    if (this.bytes[this.at] === ZERO) this.at += 1;
    else this.#digits();
    if (this.isOne(DOT)) this.#digits();
    // Nothing that is looked for behind a value begins as an exponent does.
    if (this.at - begin > MAX_DIGITS) throw NOT_PLAIN;
    // Zero has no sign here.
    if (this.bytes[begin] === MINUS && this.bytes[begin + 1] === ZERO) throw NOT_PLAIN;
  }

  integer(): void {
    const begin = this.at;
    this.number();
    for (let at = begin; at < this.at; at += 1) if (this.bytes[at] === DOT) throw NOT_PLAIN;
  }

  /** GraphQL, section 3.5.1: 32 bits. */
  int(): void {
    const begin = this.at;
    this.integer();
    if (this.at - begin < DIGITS_OF_INT) return;
    const value = Number(this.bytes.toString('latin1', begin, this.at));
    if (value < MIN_INT || value > MAX_INT) throw NOT_PLAIN;
  }

  #digits(): void {
    const begin = this.at;
    while (((this.bytes[this.at] ?? 0) ^ ZERO) <= 9) this.at += 1;
    if (this.at === begin) throw NOT_PLAIN;
  }

  /** Any JSON, that nobody asks what it is. */
  any(depth: number): void {
    const first = this.bytes[this.at];
    if (depth > MAX_DEPTH) throw NOT_PLAIN;
    if (first === OPEN_LIST) {
      this.at += 1;
      if (this.isOne(CLOSE_LIST)) return;
      do this.any(depth + 1);
      while (this.isOne(COMMA));
      this.expectOne(CLOSE_LIST);
    } else if (first === OPEN_OBJECT) {
      this.at += 1;
      if (this.isOne(CLOSE_OBJECT)) return;
      do this.#member(depth + 1);
      while (this.isOne(COMMA));
      this.expectOne(CLOSE_OBJECT);
    } else if (first === LETTER_N) this.null();
    else this.#scalar();
  }

  #member(depth: number): void {
    this.string();
    this.expectOne(COLON);
    this.any(depth);
  }

  boolean(): void {
    this.expect(this.bytes[this.at] === LETTER_T ? TRUE : FALSE);
  }

  null(): void {
    this.expect(NULL);
  }

  isOne(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  expectOne(byte: number): void {
    if (this.bytes[this.at] !== byte) throw NOT_PLAIN;
    this.at += 1;
  }

  expect(text: Text): void {
    if (!standsAt(this.#text, this.at, text)) throw NOT_PLAIN;
    this.at += text.bytes.length;
  }

  #scalar(): void {
    const first = this.bytes[this.at] ?? 0;
    if (first === QUOTE) this.string();
    else if (first === MINUS || (first >= ZERO && first <= NINE)) this.number();
    else this.boolean();
  }
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) table[byte] = 1;
  return table;
}

const ESCAPED = tableOf('"\\/bfnrtu');
const HEXADECIMAL = tableOf('0123456789abcdefABCDEF');
