/** How a stream is watched, and what follows from it. */
export interface Watch {
  /** Asked each `everyMs`; false, or no answer within `silenceMs`, ends the stream before the next byte. */
  readonly mayGoOn: () => Promise<boolean>;
  readonly everyMs: number;
  readonly silenceMs: number;
  /** A reader that takes nothing, or a source that brings nothing, for so long is given up. */
  readonly stallMs: number;
  /** Ends the connection, and with it what waits in its buffers; false where the platform cannot. */
  readonly hangUp: () => boolean;
  /** Called with the bytes of each chunk that is handed on. */
  readonly sent: (bytes: number) => void;
  /** Called once, however it ends. */
  readonly ended: (outcome: Outcome) => void;
}

export interface Outcome {
  readonly reason: 'complete' | 'left' | 'stopped' | 'stalled' | 'broken';
  /** Bytes handed on to the connection. */
  readonly sentBytes: number;
}

/**
 * Passes a stream on, chunk by chunk as it is read (nothing is buffered here), and cuts it when it may not go on.
 *
 * A stream that is cut never just ends: its connection breaks, or it errors, so that no reader takes a part for the whole.
 */
export function watchStream(source: ReadableStream<Uint8Array>, watch: Watch): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let sentBytes = 0;
  let movedAt = performance.now();
  let allowedAt = movedAt;
  let asking = false;
  let isOver = false;
  let controller: ReadableStreamDefaultController<Uint8Array>;

  const end = (reason: Outcome['reason']) => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    watch.ended({ reason, sentBytes });
  };
  const cut = (reason: 'stopped' | 'stalled' | 'broken') => {
    if (isOver) return;
    end(reason);
    if (!watch.hangUp()) controller.error(new Error(`download ${reason}`));
    reader.cancel().catch(() => undefined);
  };
  const ask = async () => {
    asking = true;
    const answer = await watch.mayGoOn().catch(() => undefined);
    asking = false;
    if (answer === true) allowedAt = performance.now();
    if (answer === false) cut('stopped');
  };
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - allowedAt > watch.silenceMs) return cut('stopped');
    if (now - movedAt > watch.stallMs) return cut('stalled');
    if (!asking) void ask();
  }, watch.everyMs);

  return new ReadableStream<Uint8Array>(
    {
      start: (own) => {
        controller = own;
      },
      pull: async () => {
        movedAt = performance.now();
        const next = await reader.read().catch(() => undefined);
        movedAt = performance.now();
        if (isOver) return;
        if (next === undefined) return cut('broken');
        if (next.done) {
          end('complete');
          return controller.close();
        }
        sentBytes += next.value.byteLength;
        watch.sent(next.value.byteLength);
        controller.enqueue(next.value);
      },
      cancel: async () => {
        end('left');
        await reader.cancel().catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
