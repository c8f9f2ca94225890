import { failure } from '@assay/failure';
import type { Principal } from '@assay/principal';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Access } from '../access/port.ts';
import type { Documents } from '../documents.ts';
import type { Engine } from '../engine/index.ts';
import type { PresentError } from '../errors.ts';
import type { FetchContext } from '../transport.ts';

/** What the streaming doors share. */
export interface LiveDoor {
  readonly engine: Engine<FetchContext>;
  readonly documents: Documents;
  readonly access: Access;
  readonly present: PresentError;
}

export interface LiveRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Runs one operation of a streaming door: a stream for a subscription, a single result for everything else. */
export async function runLive(
  { engine, documents, present }: LiveDoor,
  principal: Principal,
  request: LiveRequest,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const prepared = documents(request.query);
  if ('errors' in prepared) return presented(prepared, present);
  const { document } = prepared;
  const operationName = request.operationName ?? undefined;
  const arguments_ = { document, operationName, variables: request.variables ?? {}, context: { principal } };
  const isStream = document.definitions.some(
    (node) =>
      node.kind === 'OperationDefinition' &&
      node.operation === 'subscription' &&
      (!operationName || node.name?.value === operationName),
  );
  if (!isStream) return presented(await engine.execute(arguments_), present);
  const source = await engine.subscribe(arguments_);
  return Symbol.asyncIterator in source ? presentedStream(source, present) : presented(source, present);
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

function presentedStream(
  source: AsyncIterableIterator<ExecutionResult>,
  present: PresentError,
): AsyncIterableIterator<ExecutionResult> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      const step = await source.next();
      return step.done ? step : { done: false, value: presented(step.value, present) };
    },
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
