import type { DocumentNode, ExecutionResult } from 'graphql';
import type { Engine, EngineRequest, StreamEvent } from '../engine/index.ts';
import { type Channel, openChannel } from './channel.ts';
import { cursorVariable } from './cursor-variable.ts';
import type { IsLatestOnly } from './latest-only.ts';
import type { Reader } from './reader.ts';

/** A subscription, as the engine takes it. */
export interface AskedStream<Context>
  extends Pick<EngineRequest<Context>, 'document' | 'operationName' | 'variables' | 'context'> {
  /** Ends when whoever asks has left before his stream is open; afterwards it says nothing, since others may read on. */
  readonly signal?: AbortSignal;
  /** Is called when what waits for this reader has become too much: he is sent away, and may be too slow to ask why. */
  readonly onSlow?: (error: Error) => void;
}

/** Streams that several read. */
export interface FanOut<Context> {
  subscribe(asked: AskedStream<Context>): Promise<AsyncIterableIterator<StreamEvent> | ExecutionResult>;
}

export interface FanOutOptions<Context> {
  /** What decides what a caller may see; callers of different classes share nothing. */
  classOf(context: Context): string;
  /** Counts streams of subgraphs, which are fewer than those of clients. */
  onSource?(change: 1 | -1): void;
  /** Whether a subscription's field says that only its newest event matters. */
  readonly isLatestOnly?: IsLatestOnly;
  readonly maxWaiting?: number;
  /** How long the readers of a stream that failed are told one after the other; 0 when left out: all at once. */
  readonly spreadMs?: number;
}

/** Of one document, by everything else that has to be equal. */
interface Streams {
  readonly channels: Map<string, Channel>;
  /** Settle when somebody who opens a stream has read of it, or does not, or takes too long. */
  readonly openings: Map<string, Promise<void>>;
}

const MAX_WAITING = 256;
/** So long one who opens a stream, and reads nothing of it, holds up those who come after. */
const FIRST_MS = 500;

/**
 * One stream of the subgraph, and one completion of each event, for all who ask the same: the same document, operation and variables
 * but for the cursor, in one class of callers. A crowd that follows one upload costs its subgraph what one reader does.
 *
 * It rests on the places that events have in their stream (`StreamEvent.place`). Whoever comes later reads for himself until he
 * stands where the others stand, and goes on with them: nothing is skipped and nothing comes twice. Streams without places are
 * joined until their first event has come; afterwards nobody can tell what one who joins would have missed.
 */
export function createFanOut<Context>(
  engine: Pick<Engine<Context>, 'subscribe'>,
  {
    classOf,
    onSource = () => undefined,
    isLatestOnly = () => false,
    maxWaiting = MAX_WAITING,
    spreadMs = 0,
  }: FanOutOptions<Context>,
): FanOut<Context> {
  const known = new WeakMap<DocumentNode, Streams>();
  const remember = (document: DocumentNode): Streams => {
    const made: Streams = { channels: new Map(), openings: new Map() };
    known.set(document, made);
    return made;
  };

  /** What of a request has to be equal, and where in the stream it begins. */
  const read = ({ document, operationName, variables = {}, context }: AskedStream<Context>) => {
    const cursor = cursorVariable(document, operationName);
    const { [cursor ?? '']: after = null, ...others } = variables;
    const key = JSON.stringify([operationName ?? null, classOf(context), sorted(others), cursor ? null : after]);
    return { key, place: typeof after === 'string' ? after : null, hasCursor: cursor !== null };
  };

  return {
    subscribe: async (asked) => {
      const { document, operationName, onSlow, ...request } = asked;
      const { channels, openings } = known.get(document) ?? remember(document);
      const { key, place, hasCursor } = read(asked);
      // Somebody is about to begin: a crowd that comes at once waits for one, and goes on with him.
      const opening = openings.get(key);
      if (opening) await opening;
      const joined = channels.get(key)?.join(place, onSlow);
      if (joined) return joined;
      const begun = announce(openings, key);
      const opened = await engine.subscribe({ document, operationName, ...request }).catch((error: unknown) => {
        begun();
        throw error;
      });
      if (!(Symbol.asyncIterator in opened)) {
        begun();
        return opened;
      }
      const source = counted(opened, onSource);
      const lead = (from: string | null) => {
        const channel = openChannel({
          ...{ source, from, maxWaiting, spreadMs, onSlow, isLatestOnly: isLatestOnly(document, operationName) },
          onEnd: () => void (channels.get(key) === channel && channels.delete(key)),
        });
        channels.set(key, channel);
        // Where it begins is where all begin who have no cursor: they need no event to join.
        if (hasCursor) void channel.begun.then(begun);
        else begun();
        return channel.first;
      };
      if (!channels.has(key)) return lead(place);
      begun();
      const joinAt = (at: string) => ({ channel: channels.get(key), joined: channels.get(key)?.join(at, onSlow) });
      return catchUp(source, joinAt, lead);
    },
  };
}

/** Says that a stream is being opened, unless somebody has. @returns what says that it is open, or will not be */
function announce(openings: Streams['openings'], key: string): () => void {
  if (openings.has(key)) return () => undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun = () => {
    clearTimeout(late);
    if (openings.get(key) === promise) openings.delete(key);
    resolve();
  };
  const late = setTimeout(begun, FIRST_MS).unref();
  openings.set(key, promise);
  return begun;
}

/** A source that is counted until it is closed. */
function counted(
  source: AsyncIterableIterator<StreamEvent>,
  onSource: (change: 1 | -1) => void,
): AsyncIterableIterator<StreamEvent> {
  let isOpen = true;
  onSource(1);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => source.next(),
    return: async () => {
      if (isOpen) onSource(-1);
      isOpen = false;
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}

/**
 * Reads its own stream until it stands where the channel stands, and the channel from then on; or leads those who come after, when
 * nobody reads the channel any more.
 */
function catchUp(
  source: AsyncIterableIterator<StreamEvent>,
  joinAt: (place: string) => { readonly channel: Channel | undefined; readonly joined: Reader | null | undefined },
  lead: (from: string | null) => AsyncIterableIterator<StreamEvent>,
): AsyncIterableIterator<StreamEvent> {
  let reading = source;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      const step = await reading.next();
      if (reading !== source || step.done) return step;
      const { place } = step.value;
      if (place === undefined) return step;
      const { channel, joined } = joinAt(place);
      if (joined) {
        reading = joined;
        void source.return?.();
      } else if (!channel) reading = lead(place);
      return step;
    },
    return: async () => {
      await reading.return?.();
      return { done: true, value: undefined };
    },
  };
}

function sorted(variables: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
}
