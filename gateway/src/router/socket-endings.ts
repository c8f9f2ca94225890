import type { FailureCode } from '@assay/failure';

/** A code, and what clients read behind "The stream was broken off: "; nothing of what the subgraph said of it, which is for the log. */
export type Ending = readonly [code: FailureCode, why: string];

/** RFC 6455, section 7.4.1, with its registry; from 4400 on graphql-ws PROTOCOL.md. */
const ENDINGS: Readonly<Record<number, Ending>> = {
  1001: ['UPSTREAM_UNAVAILABLE', 'the subgraph goes away. Subscribe again'],
  1006: ['UPSTREAM_UNAVAILABLE', 'the connection to the subgraph was lost. Subscribe again'],
  1011: ['UPSTREAM_UNAVAILABLE', 'the subgraph failed'],
  1012: ['UPSTREAM_UNAVAILABLE', 'the subgraph is started again. Subscribe again in a moment'],
  1013: ['UPSTREAM_UNAVAILABLE', 'the subgraph is busy. Subscribe again in a moment'],
  4400: ['UPSTREAM_UNAVAILABLE', 'the subgraph understood nothing of what it was asked'],
  4401: ['UNAUTHENTICATED', 'the subgraph does not know who asks'],
  4403: ['FORBIDDEN', 'the subgraph does not tell it to whoever asks'],
  4408: ['UPSTREAM_UNAVAILABLE', 'the subgraph took too long over the beginning'],
  4500: ['UPSTREAM_UNAVAILABLE', 'the subgraph failed'],
};

/** Why a connection was closed before its stream was complete. */
export function whyClosed(code: number): Ending {
  return ENDINGS[code] ?? ['UPSTREAM_UNAVAILABLE', `the subgraph closed it with ${code}. Subscribe again`];
}

/** Why a connection failed by the words of `ws`. @param maxBytes what a message was allowed */
export function whyFailed(error: Error, maxBytes: number): Ending {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    return ['UPSTREAM_UNAVAILABLE', `an event has more than ${maxBytes} bytes`];
  if (typeof code === 'string' && code.startsWith('WS_ERR_'))
    return ['UPSTREAM_UNAVAILABLE', 'what came from the subgraph is no WebSocket'];
  return ['UPSTREAM_UNAVAILABLE', 'the subgraph could not be reached, or takes no WebSockets there'];
}
