import type { ExecutionResult } from 'graphql';
import { TextAnswer } from './text-answer.ts';
import type { Transport, TransportRequest } from './transport.ts';
import { variablesText } from './variables-text.ts';

/** Makes a transport whose identical reads share one fetch while it is under way. */
export type ShareInFlight<Context> = (name: string, transport: Transport<Context>) => Transport<Context>;

interface Flight {
  /** Settles once its answer is there, for whoever joined as a text. */
  readonly landed: Promise<ExecutionResult>;
  joined: number;
  readonly company: Company;
}

/**
 * Reads that are alike, of one class of callers, are sent once while the first is under way. Nothing is kept once its answer is
 * there: this is no cache. Only what belongs to a client's query is shared, never a mutation or what is read within one.
 *
 * Whoever leaves is waited for no longer; a fetch ends when the last of those who wait for it has left.
 *
 * Nobody reads less than he was told: once a mutation was answered or an event came out, through whichever of these transports,
 * later reads join nothing that began before.
 *
 * @param classOf what decides what a caller may see; requests of different classes share nothing
 */
export function createShareInFlight<Context>(classOf: (context: Context) => string): ShareInFlight<Context> {
  const underWay = new Map<string, Flight>();
  const forget = () => underWay.clear();

  return (name, transport) => ({
    execute: (request) => {
      if (request.operation !== 'query') return transport.execute(request).finally(forget);
      const { context, query, variables } = request;
      const key = `${name} ${classOf(context)} ${query} ${variablesText(variables)}`;
      const known = underWay.get(key);
      return known ? join(known, request) : start(key, transport, request);
    },
    subscribe: async (request) => {
      const opened = await transport.subscribe(request);
      return Symbol.asyncIterator in opened ? told(opened, forget) : opened;
    },
  });

  async function start(
    key: string,
    transport: Transport<Context>,
    request: TransportRequest<Context>,
  ): Promise<ExecutionResult> {
    const leave = () => underWay.get(key) === flight && underWay.delete(key);
    const company = createCompany(request.signal, leave);
    const landed = transport.execute({ ...request, signal: company.signal }).then(
      (result) => {
        company.land();
        leave();
        // Before the first reader has it, who makes it his own.
        const isAlone = flight.joined === 0 || result instanceof TextAnswer;
        return isAlone ? result : new TextAnswer(JSON.stringify(result), result);
      },
      (error: unknown) => {
        company.land();
        leave();
        throw error;
      },
    );
    const flight: Flight = { landed, joined: 0, company };
    underWay.set(key, flight);
    return landed;
  }
}

/** Those who wait for one fetch. */
interface Company {
  /** Ends when all of them have left; left out where one of them never leaves. */
  readonly signal: AbortSignal | undefined;
  add(signal: AbortSignal | undefined): void;
  /** The answer is there: nobody is listened to any more. */
  land(): void;
}

/**
 * Listens to one at a time, and to the next who is still there when that one leaves: most never do, and each would cost its fetch
 * two calls.
 */
function createCompany(first: AbortSignal | undefined, onEmpty: () => void): Company {
  if (!first) return { signal: undefined, add: () => undefined, land: () => undefined };
  const ending = new AbortController();
  const members: (AbortSignal | undefined)[] = [first];
  let heard: AbortSignal | undefined = first;
  const hear = () => {
    if (members.every((member) => member?.aborted)) {
      onEmpty();
      ending.abort(heard?.reason);
    } else {
      heard = members.find((member) => !member?.aborted);
      heard?.addEventListener('abort', hear, { once: true });
    }
  };
  first.addEventListener('abort', hear, { once: true });
  return {
    signal: ending.signal,
    add: (signal) => void members.push(signal),
    land: () => heard?.removeEventListener('abort', hear),
  };
}

/** Each reader gets objects of his own: an engine completes them in place. */
async function join(flight: Flight, { signal }: Pick<TransportRequest<unknown>, 'signal'>): Promise<ExecutionResult> {
  flight.joined += 1;
  flight.company.add(signal);
  const landed = await flight.landed;
  return landed instanceof TextAnswer ? landed.copy() : landed;
}

function told(events: AsyncIterable<ExecutionResult>, onEvent: () => void): AsyncIterableIterator<ExecutionResult> {
  const source = events[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      const step = await source.next();
      onEvent();
      return step;
    },
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
