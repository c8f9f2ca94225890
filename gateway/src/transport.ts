import { failure } from '@assay/failure';
import { policiesOf } from '@assay/policy';
import { accessClass, type Principal, type PrincipalSigner } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import type { ExecutionResult } from 'graphql';
import type { Caller, Transport } from './engine/index.ts';
import type { Meters } from './meters.ts';
import type { Explanation } from './observation/explanation.ts';

/** What every fetch of one request shares. */
export interface FetchContext {
  readonly principal: Principal;
  /** Milliseconds since the epoch until which the request is worth something; left out: no end. */
  readonly endsAt?: number;
  readonly explanation?: Explanation | undefined;
}

/** Who asks, as the directives of the supergraph look at it. */
export function callerOf({ principal }: FetchContext): Caller {
  return { isAuthenticated: principal.subject !== null, scopes: principal.scopes, policies: policiesOf(principal) };
}

/** Within which class of callers reads may be shared: requests of two classes have nothing in common, however alike they are. */
export function classOf({ principal }: FetchContext): string {
  const known = classes.get(principal);
  if (known !== undefined) return known;
  const made = accessClass(principal);
  classes.set(principal, made);
  return made;
}

const classes = new WeakMap<Principal, string>();

/** How long a subgraph may take for one fetch; a client waits for several in a row. */
const PATIENCE_MS = 15_000;

/**
 * A subgraph in this process: a function call. The principal is signed for it all the same, anew for each fetch, and the subgraph
 * checks it as it would over a wire.
 */
export function createLocalTransport(subgraph: SubgraphHandler, sign: PrincipalSigner): Transport<FetchContext> {
  return {
    execute: async ({ query, variables, context, signal }) => {
      const principalToken = await sign(context.principal);
      return subgraph.execute({ query, variables, signal, endsAt: context.endsAt, principalToken });
    },
    subscribe: async ({ query, variables, context, signal }) =>
      subgraph.subscribe({ query, variables, signal, principalToken: await sign(context.principal) }),
  };
}

/**
 * A transport that is waited for only so long, and counted.
 *
 * @param report gets why a fetch failed, which clients do not
 */
export function watchTransport(
  subgraph: string,
  transport: Transport<FetchContext>,
  meters: Pick<Meters, 'fetches'>,
  report: (error: unknown, context: FetchContext) => void,
  patienceMs = PATIENCE_MS,
): Transport<FetchContext> {
  const watched = async <Result>(context: FetchContext, answer: Promise<Result>): Promise<Result> => {
    const stop = meters.fetches.startTimer({ subgraph_name: subgraph });
    const patience = startPatience(subgraph, patienceMs);
    try {
      const result = await Promise.race([answer, patience.over]);
      stop({ outcome: 'answered' });
      return result;
    } catch (error) {
      stop({ outcome: 'failed' });
      report(error, context);
      throw error;
    } finally {
      clearTimeout(patience.timer);
    }
  };
  return {
    execute: (request) => watched<ExecutionResult>(request.context, transport.execute(request)),
    subscribe: (request) => {
      const opening = transport.subscribe(request);
      return watched(request.context, opening).catch((error: unknown) => {
        // A stream that opens after nobody waits for it any more is closed.
        void opening.then(closeStream, () => undefined);
        throw error;
      });
    },
  };
}

async function closeStream(opened: AsyncIterable<ExecutionResult> | ExecutionResult): Promise<void> {
  if (Symbol.asyncIterator in opened) await opened[Symbol.asyncIterator]().return?.();
}

function startPatience(subgraph: string, patienceMs: number) {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const late = () => reject(failure('UPSTREAM_UNAVAILABLE', `${subgraph} took longer than ${patienceMs} ms.`));
  return { over, timer: setTimeout(late, patienceMs) };
}
