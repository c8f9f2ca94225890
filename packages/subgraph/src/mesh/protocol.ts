/** Headers of a call between gateway and subgraph, beside `authorization: Bearer` with the signed principal. */
export const HEADERS = {
  /**
   * Milliseconds for which an answer is still worth something. What is left and not when it ends: the clocks of two machines
   * need not agree.
   */
  timeLeftMs: 'x-assay-time-left-ms',
  /** Where a stream is to go on: the id of the last event that arrived (HTML, server-sent events, section 9.2.4). */
  lastEventId: 'last-event-id',
  /** The fetch's step of the trace (W3C Trace Context). */
  trace: 'traceparent',
} as const;

export const EVENT_STREAM = 'text/event-stream';
