/** First and last byte, both included, as RFC 9110 counts them (section 14.1.2). */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface StoredObject {
  readonly key: string;
  /** The pinned version; without it the newest. */
  readonly version?: string;
  /** Without it the whole object. */
  readonly range?: ByteRange;
}

export interface OpenObject {
  /** Bytes that `body` will bring. */
  readonly length: number;
  /** Cancelling it ends the store's answer. */
  readonly body: ReadableStream<Uint8Array>;
}

/** Where the bytes lie. */
export interface Store {
  /** Starts to read an object; null when there is none. Throws when the store cannot be asked. */
  open(object: StoredObject, signal: AbortSignal): Promise<OpenObject | null>;
  isAlive(): Promise<boolean>;
}
