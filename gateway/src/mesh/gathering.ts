/** What went wrong with one subgraph within a moment. */
export interface Gathered {
  readonly count: number;
  /** Of the first. */
  readonly reason: string;
}

const GATHER_MS = 1_000;

/**
 * Tells of what fails, or breaks off, in one line a subgraph and second: a process that ends takes thousands of streams with it.
 *
 * @param say is called once for all that come within a second of the first
 */
export function gatherFailures(say: (gathered: Gathered) => void, gatherMs = GATHER_MS): (error: unknown) => void {
  let count = 0;
  return (error) => {
    count += 1;
    if (count > 1) return;
    const reason = error instanceof Error ? error.message : String(error);
    const tell = () => {
      say({ count, reason });
      count = 0;
    };
    setTimeout(tell, gatherMs).unref();
  };
}
