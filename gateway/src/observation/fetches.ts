import { isTracing, type Step, step } from '@assay/telemetry';
import type { Transport, TransportRequest } from '../engine/index.ts';
import type { Meters } from '../meters.ts';
import { type Explainable, keepFetch } from './explanation.ts';

/**
 * A transport as requests see it: what they ask of a subgraph is counted, and a step of their trace, whether it is sent or joins
 * what is under way already.
 *
 * @param meters left out: nobody keeps figures
 */
export function watchFetches<Context extends Explainable>(
  subgraph: string,
  transport: Transport<Context>,
  meters?: Pick<Meters, 'asked'>,
): Transport<Context> {
  const labels = { subgraph_name: subgraph };
  const stepOf = ({ operation }: TransportRequest<Context>): Step => ({
    name: `fetch ${subgraph}`,
    kind: 'client',
    attributes: { 'subgraph.name': subgraph, 'graphql.operation.type': operation },
  });
  return {
    execute: (request) => {
      meters?.asked.inc(labels);
      const { explanation } = request.context;
      const fetch = () => transport.execute(request);
      const kept = explanation ? () => keepFetch(explanation, request.query, fetch) : fetch;
      return isTracing() ? step(stepOf(request), kept) : kept();
    },
    subscribe: (request) => step(stepOf(request), () => transport.subscribe(request)),
  };
}

/** A transport whose requests are timed, by how they ended. */
export function timeFetches<Context>(
  subgraph: string,
  transport: Transport<Context>,
  meters: Pick<Meters, 'fetches'>,
): Transport<Context> {
  return {
    execute: async (request) => {
      const stop = meters.fetches.startTimer({ subgraph_name: subgraph });
      try {
        const result = await transport.execute(request);
        stop({ outcome: 'answered' });
        return result;
      } catch (error) {
        stop({ outcome: 'failed' });
        throw error;
      }
    },
    subscribe: (request) => transport.subscribe(request),
  };
}

/**
 * A transport that tells why a fetch failed, which clients do not learn. Whoever has left, or has no time any more, says nothing
 * about the subgraph.
 *
 * @param report gets the error
 */
export function tellFailures<Context>(
  transport: Transport<Context>,
  report: (error: unknown) => void,
): Transport<Context> {
  return {
    execute: (request) =>
      transport.execute(request).catch((error: unknown) => {
        if (!request.signal?.aborted) report(error);
        throw error;
      }),
    subscribe: (request) => transport.subscribe(request),
  };
}
