import { failure } from '@assay/failure';
import { enter, inRequest } from '@assay/telemetry';
import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { RequestFacts } from '../access/port.ts';
import type { Admit } from '../admission.ts';
import type { Ready, Refused } from '../documents.ts';
import type { Engine } from '../engine/index.ts';
import type { PresentError } from '../errors.ts';
import type { FanOut } from '../fan-out/fan-out.ts';
import type { Meters } from '../meters.ts';
import type { FindDocument } from '../persisted/find.ts';
import type { RateMeter } from '../rate/meter.ts';
import { type Leaving, openTime, openUntilLeft } from '../request-time.ts';
import type { Asker, Askers } from './askers.ts';
import { type GraphqlParams, wantsCost } from './params.ts';

/** What the streaming doors share. */
export interface LiveDoor<Context> {
  readonly engine: Engine<Context>;
  readonly fanOut: FanOut<Context>;
  readonly findDocument: FindDocument;
  readonly admit: Admit;
  /** Null: nobody counts. */
  readonly rates: RateMeter | null;
  /** Of what is no stream. */
  readonly deadlineMs: number;
  readonly askers: Askers<Context>;
  readonly present: PresentError;
  /** Left out, nothing is counted. */
  readonly meters?: Meters | undefined;
  /** Aborted when the gateway ends. */
  readonly ending: AbortSignal;
}

/** Who asks at a streaming door. */
export interface Caller<Context> {
  /** At the start. */
  readonly asker: Asker<Context>;
  /** Of the request, or of the upgrade. */
  readonly facts: RequestFacts;
  /** Tells when whoever asked leaves. */
  readonly leaving: Leaving;
  /** Now. @throws Failure as at the start */
  again(): Promise<Asker<Context>>;
  /** Sends a caller away who reads more slowly than events come. */
  readonly onSlow: (error: Error) => void;
}

/**
 * Runs one operation of a streaming door: a stream for a subscription, a single result for everything else. Never throws; what
 * the engine could not help is an answer, masked.
 */
export function runLive<Context>(
  ...asked: Parameters<typeof runOperation<Context>>
): ReturnType<typeof runOperation<Context>> {
  const [, { facts }] = asked;
  const { requestId } = facts;
  const attributes = { 'assay.request_id': requestId };
  const step = { name: 'live operation', kind: 'server', parent: facts.headers['traceparent'], attributes } as const;
  // Until it is answered, or its stream is open: a trace that lives as long as a stream would be one without an end.
  return inRequest(requestId, () => enter({ ...step, isOurs: false }, () => runOperation(...asked)));
}

async function runOperation<Context>(
  { engine, fanOut, admit, present, deadlineMs, askers }: LiveDoor<Context>,
  caller: Caller<Context>,
  ready: Ready,
  params: GraphqlParams,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const { document } = ready;
  const { operationName, variables } = params;
  const { facts, again } = caller;
  const isStream = getOperationAST(document, operationName)?.operation === 'subscription';
  try {
    // A socket says once who asks, and lasts for hours: what that one may is asked for each operation.
    const asker = await again();
    const asked = { document, operationName, variables, context: asker.context };
    const admitted = await admit({
      ready,
      operationName,
      variables,
      subject: asker.subject,
      address: facts.address,
      wantsCost: wantsCost(facts.headers, params),
    });
    const shown = (result: ExecutionResult) => presented(admitted.complete(result), present);
    if (!isStream) {
      using time = openTime(deadlineMs, caller.leaving);
      const context = { ...asker.context, endsAt: time.endsAt };
      return shown(await engine.execute({ ...asked, context, signal: time.signal }));
    }
    using opening = openUntilLeft(caller.leaving);
    const source = await fanOut.subscribe({ ...asked, signal: opening.signal, onSlow: caller.onSlow });
    return Symbol.asyncIterator in source ? new GuardedStream(source, { asker, again }, askers, shown) : shown(source);
  } catch (error) {
    return refusal(error, present);
  }
}

/** A document's answer where it may not run: every reason. */
export function refusedDocument({ errors }: Refused, present: PresentError): ExecutionResult {
  return presented({ errors }, present);
}

/** A single result that only says why there is none. */
export function refusal(error: unknown, present: PresentError): ExecutionResult {
  return presented({ errors: [error] }, present);
}

/** The error with which a stream ends when its principal does. */
export function endOfPrincipal(): Error {
  return failure('UNAUTHENTICATED', 'Your session has ended. Sign in again and resume with the last cursor.');
}

/** The error with which a stream ends when the gateway does. */
export function endOfGateway(): Error {
  return failure('UPSTREAM_UNAVAILABLE', 'The gateway goes away. Subscribe again with the last cursor.');
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
  readonly extensions?: ExecutionResult['extensions'];
  readonly errors?: readonly unknown[];
}

function presented({ data, errors, extensions }: Unpresented, present: PresentError): ExecutionResult {
  const kept = { ...(data === undefined ? {} : { data }), ...(extensions ? { extensions } : {}) };
  return errors ? { ...kept, errors: presentErrors(errors, present) } : kept;
}

/**
 * Lets an event out only while its caller has the rights that the stream was opened with.
 *
 * The subgraph opened the stream for the principal of the start; whoever has lost or gained a role since opens another one.
 */
class GuardedStream<Context> implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterableIterator<ExecutionResult>;
  readonly #caller: Pick<Caller<Context>, 'asker' | 'again'>;
  readonly #askers: Askers<Context>;
  readonly #shown: (result: ExecutionResult) => ExecutionResult;

  constructor(
    source: AsyncIterableIterator<ExecutionResult>,
    caller: Pick<Caller<Context>, 'asker' | 'again'>,
    askers: Askers<Context>,
    shown: (result: ExecutionResult) => ExecutionResult,
  ) {
    this.#source = source;
    this.#caller = caller;
    this.#askers = askers;
    this.#shown = shown;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const step = await this.#source.next();
    if (step.done) return step;
    const { asker, again } = this.#caller;
    const { classOf } = this.#askers;
    if (classOf((await again()).context) !== classOf(asker.context))
      throw failure('UNAUTHENTICATED', 'Your rights have changed. Subscribe again with the last cursor.');
    return { done: false, value: this.#shown(step.value) };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }
}
