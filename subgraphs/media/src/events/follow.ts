import type { Cursor } from './cursor.ts';
import { parseCursor } from './cursor.ts';
import type { EventRecord } from './read-events.ts';
import type { WakeChannel, Wakes } from './wake.ts';

/** Reads what follows a cursor, up to a page of it. */
export type ReadAfter = (after: Cursor) => Promise<readonly EventRecord[]>;

/**
 * After a wake-up with nothing to read the event is there and an older transaction still runs: look again soon, then less
 * often. The last step is also how often a reader looks whom nobody wakes.
 */
const LOOK_AGAIN_MS = [5, 10, 20, 40, 80, 160, 320, 640, 1_000];

/**
 * Every event after a cursor, then each new one, until the reader leaves.
 *
 * Reading goes by the database alone; wake-ups only make it prompt. An iterator and not a generator, so that
 * `return` ends a wait at once and nothing that listens stays behind.
 */
export function followEvents(
  read: ReadAfter,
  after: Cursor,
  wakes: Wakes,
  channel: WakeChannel,
): AsyncIterableIterator<EventRecord> {
  let place = after;
  let page: EventRecord[] = [];
  let over = false;
  const waiting = createWaiting();
  const leave = wakes.listen(channel, waiting.interrupt);

  const end = () => {
    if (over) return;
    over = true;
    leave();
    waiting.interrupt();
  };
  const fill = async () => {
    for (let step = 0; page.length === 0 && !over; ) {
      waiting.forget();
      page = [...(await read(place))];
      if (page.length > 0 || over) return;
      const woken = await waiting.forAtMost(LOOK_AGAIN_MS[step] ?? 1_000);
      step = woken ? 0 : Math.min(step + 1, LOOK_AGAIN_MS.length - 1);
    }
  };

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      try {
        if (page.length === 0) await fill();
      } catch (error) {
        end();
        throw error;
      }
      const event = over ? undefined : page.shift();
      if (event === undefined) return { done: true, value: undefined };
      place = parseCursor(event.cursor);
      return { done: false, value: event };
    },
    return: async () => {
      end();
      return { done: true, value: undefined };
    },
  };
}

/** A wait that somebody may end early, also shortly before it begins. */
function createWaiting() {
  let interrupted = false;
  let finish: (() => void) | undefined;
  return {
    forget: () => {
      interrupted = false;
    },
    interrupt: () => {
      interrupted = true;
      finish?.();
    },
    /** @returns whether it was ended early */
    forAtMost: async (ms: number): Promise<boolean> => {
      if (!interrupted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          finish = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        finish = undefined;
      }
      return interrupted;
    },
  };
}
