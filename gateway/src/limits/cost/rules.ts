/** How a cost is told where no directive says, and how much of it is taken. */
export interface CostRules {
  /** The most that an operation may be estimated at; null: estimated, never refused. */
  readonly maximum: number | null;
  /** Items of a list of which nothing tells the length. */
  readonly listSize: number;
  /** Names of arguments that tell the length of a list, or of a connection's `edges` and `nodes`, where no `@listSize` does. */
  readonly slicingArguments: readonly string[];
  /** More than this no list of ours ever gives, whatever an argument asks for; null: it is not known. */
  readonly largestPage: number | null;
}

/**
 * Of our own supergraph. The dearest operation of the console (Quarantine) is estimated at about 2,100, and 200 assets with what
 * was found in each at 20,000; an event stream pays for one event.
 */
export const DEFAULT_COST_RULES: CostRules = Object.freeze({
  maximum: 50_000,
  listSize: 10,
  slicingArguments: ['first', 'last'],
  largestPage: 200,
});

/** Of a supergraph of anybody's: nothing is refused before its owner says what is too much. */
export const ANYBODYS_COST_RULES: CostRules = Object.freeze({
  maximum: null,
  listSize: 10,
  slicingArguments: ['first', 'last', 'limit'],
  largestPage: null,
});
