import { once } from 'node:events';
import type { SubgraphEvent } from '../handler.ts';
import { EVENT_STREAM } from './protocol.ts';
import type { Outgoing } from './request.ts';

/** How often a stream says that it is there; its reader takes one that says nothing for three of them for dead. */
export const PING_MS = 5_000;

/**
 * Writes a stream as server-sent events (graphql-sse PROTOCOL.md, distinct connections mode): `next` with each result, its place in
 * the stream as the event's id, then `complete`. A stream that ends without `complete` was broken off, and is resumed at the last id.
 *
 * The next event is asked for once the last one is on its way: a reader that does not read holds up its source, not our memory.
 *
 * @param ending aborted when its reader has left, or when this process ends: then the stream is broken off and resumed elsewhere
 */
export async function writeEvents(
  stream: AsyncIterable<SubgraphEvent>,
  response: Outgoing,
  ending: AbortSignal,
  pingMs: number,
): Promise<void> {
  const events = stream[Symbol.asyncIterator]();
  let interrupt: (() => void) | undefined;
  const end = () => interrupt?.();
  ending.addEventListener('abort', end, { once: true });
  response.writeHead(200, { 'content-type': EVENT_STREAM, 'cache-control': 'no-store' });
  response.write(':\n\n');
  const ping = setInterval(() => response.write(':\n\n'), pingMs);
  /** Null as soon as it is to end; one wait after the other, since thousands on one promise would stay with it. */
  const unlessOver = <T>(wait: Promise<T>): Promise<T | null> =>
    new Promise((resolve, reject) => {
      if (ending.aborted) resolve(null);
      interrupt = () => resolve(null);
      wait.then(resolve, reject);
    });
  try {
    for (;;) {
      const step = await unlessOver(events.next());
      if (!step) return;
      if (step.done) return void response.end('event: complete\ndata:\n\n');
      if (!response.write(textOf(step.value)) && !(await unlessOver(once(response, 'drain')))) return;
    }
  } finally {
    clearInterval(ping);
    ending.removeEventListener('abort', end);
    // Before the source, which may not be interruptible; and not in order: what is on its way to a slow reader holds nobody up.
    if (!response.writableEnded) response.destroy();
    await events.return?.();
  }
}

function textOf({ place, ...result }: SubgraphEvent): string {
  return `${place === undefined ? '' : `id: ${place}\n`}event: next\ndata: ${JSON.stringify(result)}\n\n`;
}
