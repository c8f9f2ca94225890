import type { ExecutionResult, OperationTypeNode } from 'graphql';

/** One fetch of a subgraph, as the plan says it. */
export interface TransportRequest<Context> {
  /** The same string for the same fetch of the same plan, so that it may serve as a key for what was parsed. */
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of the client's operation, whatever this fetch is: a read that follows a write is part of the write. */
  readonly operation: `${OperationTypeNode}`;
  readonly context: Context;
  readonly signal: AbortSignal | undefined;
}

/** One event of a stream. */
export interface StreamEvent extends ExecutionResult {
  /** Where it stands: a stream that is opened behind this place goes on with the next. Left out: nobody can say. */
  readonly place?: string | undefined;
}

/** How a subgraph is reached: a function call in one process, HTTP between several. */
export interface Transport<Context> {
  /** @throws when the subgraph did not answer, or not with an execution result */
  execute(request: TransportRequest<Context>): Promise<ExecutionResult>;
  subscribe(request: TransportRequest<Context>): Promise<AsyncIterable<StreamEvent> | ExecutionResult>;
}
