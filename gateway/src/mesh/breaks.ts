/** Streams of one subgraph that were broken off. */
export interface Breaks {
  readonly streams: number;
  /** Of the first. */
  readonly reason: string;
}

const GATHER_MS = 1_000;

/**
 * Tells of streams that break off in one line a subgraph and second: a process that ends breaks off thousands.
 *
 * @param say is called once for all that come within a second of the first
 */
export function gatherBreaks(say: (breaks: Breaks) => void, gatherMs = GATHER_MS): (error: unknown) => void {
  let streams = 0;
  return (error) => {
    streams += 1;
    if (streams > 1) return;
    const reason = error instanceof Error ? error.message : String(error);
    const tell = () => {
      say({ streams, reason });
      streams = 0;
    };
    setTimeout(tell, gatherMs).unref();
  };
}
