import type { Principal } from '@assay/principal';
import { currentRequestId, enter, inRequest, step } from '@assay/telemetry';

/**
 * One call of a subgraph, as its request's log and trace know it.
 *
 * @param trace `traceparent`, where the call came over a wire; in one process the trace is there already
 */
export function inCall<Result>(
  subgraph: string,
  { requestId }: Principal,
  trace: string | undefined,
  work: () => Result,
): Result {
  const attributes = { 'subgraph.name': subgraph, 'assay.request_id': requestId };
  const told = { name: `execute ${subgraph}`, attributes };
  const traced = () =>
    trace === undefined ? step(told, work) : enter({ ...told, kind: 'server', parent: trace, isOurs: true }, work);
  return currentRequestId() === requestId ? traced() : inRequest(requestId, traced);
}
