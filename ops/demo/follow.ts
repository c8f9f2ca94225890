import type { Caller } from './client.ts';
import { FOLLOW } from './operations.ts';

/** One line of an asset's timeline, as the public subscription sends it. */
export interface TimelineEvent {
  readonly cursor: string;
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly state: string;
  readonly stage: string | null;
  readonly verdict: string | null;
  readonly progress: { readonly done: number; readonly total: number } | null;
}

const ENDS = new Set(['READY', 'QUARANTINED', 'REJECTED', 'EXPIRED', 'DELETED']);
const PATIENCE_MS = 60_000;

/**
 * Follows an asset by the public subscription until it comes to rest.
 *
 * @param onEvent gets each event as it happens
 * @returns the state in which it rests
 * @throws Error when it does not within a minute
 */
export async function followToRest(
  caller: Caller,
  assetId: string,
  onEvent: (event: TimelineEvent) => void,
): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for await (const { assetEvents } of caller.follow<{ assetEvents: TimelineEvent }>(FOLLOW, { assetId }, signal)) {
    onEvent(assetEvents);
    if (ENDS.has(assetEvents.state)) return assetEvents.state;
  }
  throw new Error(`${assetId} did not come to rest within ${PATIENCE_MS / 1000} s.`);
}
