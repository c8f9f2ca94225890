/** Says that there may be something new to read. A wake-up may be lost or come twice: readers look for themselves. */
export interface Wakes {
  /** Calls `onWake` until the returned function is called. Never throws: without wake-ups a reader looks from time to time. */
  listen(channel: WakeChannel, onWake: () => void): () => void;
  /** After the commit; never throws. */
  wake(...channels: readonly WakeChannel[]): void;
}

export type WakeChannel = `wake:asset:${string}` | 'wake:moderation';

export function assetChannel(assetId: string): WakeChannel {
  return `wake:asset:${assetId}`;
}

export const MODERATION_CHANNEL: WakeChannel = 'wake:moderation';
