/** The most that a request may ask for. Every figure counts a fragment wherever it is spread. */
export interface Limits {
  /** Names, punctuators and values of the text; fragments count once. */
  readonly tokens: number;
  /** One of them runs; each is planned, weighed and kept by itself. */
  readonly operations: number;
  /** Each is compared with each that it stands beside: three hundred keep validation busy for a tenth of a second. */
  readonly fragments: number;
  /** Fields within fields. The introspection that GraphiQL sends has 15. */
  readonly depth: number;
  readonly fields: number;
  /** Fields at the root of one operation: each is a call of a subgraph, and each of a mutation waits for the one before. */
  readonly rootFields: number;
  /** Fields of one selection set. */
  readonly breadth: number;
  readonly aliases: number;
  readonly directives: number;
}

/** What the console, the demo and GraphiQL stay well under. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  tokens: 10_000,
  operations: 50,
  fragments: 100,
  depth: 24,
  fields: 2_000,
  rootFields: 50,
  breadth: 300,
  aliases: 300,
  directives: 200,
});

/** A limit by the name that refusals give it. */
export type LimitName = keyof Limits | 'cost' | 'bytes' | 'nesting' | 'comparisons';
