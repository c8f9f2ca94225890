import { failure } from '@assay/failure';

/** The arguments of a Relay connection, read forwards (Relay Cursor Connections Specification, 4.2). */
export interface ConnectionArgs {
  readonly first: number;
  readonly after?: string | null | undefined;
}

export interface Edge<Node> {
  readonly node: Node;
  readonly cursor: string;
}

export interface RelayPage<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const MAX_FIRST = 200;

/** @throws Failure BAD_USER_INPUT unless `first` is from 0 to 200 */
export function parseFirst(first: number): number {
  if (Number.isInteger(first) && first >= 0 && first <= MAX_FIRST) return first;
  const message = `"first" is from 0 to ${MAX_FIRST}, not ${first}.`;
  throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['first'], message }] });
}

/**
 * Cuts a page out of rows that were read with one more than asked, which tells whether there is a next page.
 *
 * @param rows up to `first + 1`, in the connection's order
 */
export function pageOf<Row, Node>(
  rows: readonly Row[],
  args: ConnectionArgs,
  cursorOf: (row: Row) => string,
  nodeOf: (row: Row) => Node,
): RelayPage<Node> {
  const edges = rows.slice(0, args.first).map((row) => ({ node: nodeOf(row), cursor: cursorOf(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > args.first,
      hasPreviousPage: args.after !== undefined && args.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
