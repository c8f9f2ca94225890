import { failure } from '@assay/failure';
import { accessClass, type Principal } from '@assay/principal';
import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Access } from '../access/port.ts';
import type { Documents } from '../documents.ts';
import type { Engine } from '../engine/index.ts';
import type { PresentError } from '../errors.ts';
import type { Meters } from '../meters.ts';
import type { FetchContext } from '../transport.ts';

/** What the streaming doors share. */
export interface LiveDoor {
  readonly engine: Engine<FetchContext>;
  readonly documents: Documents;
  readonly access: Access;
  readonly present: PresentError;
  readonly meters: Meters;
}

export interface LiveRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Who asks at a streaming door. */
export interface Caller {
  /** At the start. */
  readonly principal: Principal;
  /** Now. @throws Failure as access does */
  again(): Promise<Principal>;
}

/**
 * Runs one operation of a streaming door: a stream for a subscription, a single result for everything else. Never throws; what
 * the engine could not help is an answer, masked.
 */
export async function runLive(
  { engine, documents, present }: LiveDoor,
  caller: Caller,
  request: LiveRequest,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const prepared = documents(request.query);
  if ('errors' in prepared) return presented(prepared, present);
  const { document } = prepared;
  const operationName = request.operationName ?? undefined;
  const asked = {
    document,
    operationName,
    variables: request.variables ?? {},
    context: { principal: caller.principal },
  };
  const isStream = getOperationAST(document, operationName)?.operation === 'subscription';
  try {
    if (!isStream) return presented(await engine.execute(asked), present);
    const source = await engine.subscribe(asked);
    return Symbol.asyncIterator in source ? guardedStream(source, caller, present) : presented(source, present);
  } catch (error) {
    return refusal(error, present);
  }
}

/** A single result that only says why there is none. */
export function refusal(error: unknown, present: PresentError): ExecutionResult {
  return presented({ errors: [error] }, present);
}

/** The error with which a stream ends when its principal does. */
export function endOfPrincipal(): Error {
  return failure('UNAUTHENTICATED', 'Your session has ended. Sign in again and resume with the last cursor.');
}

/** Errors in the form that may leave the gateway. */
export function presentErrors(errors: readonly unknown[], present: PresentError): GraphQLError[] {
  return errors.map((error) => {
    const { message, path, locations, extensions } = present(error);
    const shown = new GraphQLError(message, { ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) });
    return locations ? Object.defineProperty(shown, 'locations', { value: locations, enumerable: true }) : shown;
  });
}

interface Unpresented {
  readonly data?: ExecutionResult['data'];
  readonly errors?: readonly unknown[];
}

function presented({ data, errors }: Unpresented, present: PresentError): ExecutionResult {
  const kept = data === undefined ? {} : { data };
  return errors ? { ...kept, errors: presentErrors(errors, present) } : kept;
}

/**
 * Lets an event out only while its caller has the rights that the stream was opened with.
 *
 * The subgraph opened the stream for the principal of the start; whoever has lost or gained a role since opens another one.
 */
function guardedStream(
  source: AsyncIterableIterator<ExecutionResult>,
  { principal, again }: Caller,
  present: PresentError,
): AsyncIterableIterator<ExecutionResult> {
  const rights = accessClass(principal);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      const step = await source.next();
      if (step.done) return step;
      if (accessClass(await again()) !== rights)
        throw failure('UNAUTHENTICATED', 'Your rights have changed. Subscribe again with the last cursor.');
      return { done: false, value: presented(step.value, present) };
    },
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
