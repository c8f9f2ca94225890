export const ASSET_STATES = [
  'AWAITING_UPLOAD',
  'RECEIVED',
  'SCANNING',
  'INSPECTING',
  'CLASSIFYING',
  'RENDERING',
  'READY',
  'QUARANTINED',
  'REJECTED',
  'EXPIRED',
  'DELETED',
] as const;
export type AssetState = (typeof ASSET_STATES)[number];

/**
 * Which state may follow which. The database refuses everything else too (`media.may_follow`, compared by a test).
 * Only a decision and a moderator's release lead to RENDERING.
 */
export const TRANSITIONS: Readonly<Record<AssetState, readonly AssetState[]>> = {
  AWAITING_UPLOAD: ['RECEIVED', 'EXPIRED', 'DELETED'],
  RECEIVED: ['SCANNING', 'QUARANTINED'],
  SCANNING: ['INSPECTING', 'REJECTED', 'QUARANTINED'],
  INSPECTING: ['CLASSIFYING', 'REJECTED', 'QUARANTINED'],
  CLASSIFYING: ['RENDERING', 'QUARANTINED'],
  RENDERING: ['READY', 'QUARANTINED'],
  READY: ['QUARANTINED', 'DELETED'],
  QUARANTINED: ['RECEIVED', 'RENDERING', 'REJECTED'],
  REJECTED: ['DELETED'],
  EXPIRED: ['DELETED'],
  DELETED: [],
};

/** Answers whether `to` may follow `from`. */
export function mayFollow(from: AssetState, to: AssetState): boolean {
  return TRANSITIONS[from].includes(to);
}
