import { type TransactionHost, withTenant } from '@assay/database';
import { failure } from '@assay/failure';
import { accessClass, type Principal } from '@assay/principal';
import type { AssetReader } from '../assets/asset-reader.ts';
import type { MediaTx } from '../assets/transaction.ts';
import { BEGINNING, type Cursor, formatCursor, parseCursor } from './cursor.ts';
import { followEvents } from './follow.ts';
import { type EventRecord, readAssetEvents, readModerationEvents } from './read-events.ts';
import type { SharedReads } from './shared-reads.ts';
import { assetChannel, MODERATION_CHANNEL, type WakeChannel, type Wakes } from './wake.ts';

/** What a stream reads from: it outlives a request, so each look is a short transaction of its own. */
export interface StreamSources {
  /** As media_app. */
  readonly database: TransactionHost<MediaTx>;
  /** As media_moderator. */
  readonly moderation: TransactionHost<MediaTx>;
  readonly wakes: Wakes;
  readonly sharedReads: SharedReads;
}

type Events = AsyncIterableIterator<EventRecord>;

const PAGE = 100;

/**
 * Events of an asset after a cursor, then live. Who may follow is looked at at the start, and with every event again.
 *
 * @throws Failure NOT_FOUND (unknown, or the caller may not know of it), FORBIDDEN or UNAUTHENTICATED (he knows of it and may
 *   not follow it), BAD_USER_INPUT (no cursor of ours)
 */
export async function openAssetEvents(
  assetId: string,
  after: string | null | undefined,
  principal: Principal,
  assets: AssetReader,
  sources: StreamSources,
): Promise<Events> {
  const place = after ? parseCursor(after) : BEGINNING;
  const asset = await assets.find(assetId);
  if (!asset) throw failure('NOT_FOUND', 'There is no such asset.');
  const audience = assets.audienceOf(asset)?.name;
  if (!audience) throw refusal(principal);
  const rows = audience === 'OWNER' ? sources.database : sources.moderation;
  const read = (tx: MediaTx, from: Cursor) => readAssetEvents(tx, asset.id, audience, principal, from, PAGE);
  return follow(rows, assetChannel(asset.id), principal, read, place, sources);
}

function refusal(principal: Principal) {
  return principal.subject === null
    ? failure('UNAUTHENTICATED', 'Sign in to follow your own assets.')
    : failure('FORBIDDEN', "Only its owner and its tenant's admins follow an asset.");
}

/**
 * What enters and leaves quarantine after a cursor, then live.
 *
 * @throws Failure FORBIDDEN, BAD_USER_INPUT
 */
export async function openModerationEvents(
  after: string | null | undefined,
  principal: Principal,
  sources: StreamSources,
): Promise<Events> {
  if (!principal.roles.includes('platform_admin'))
    throw failure('FORBIDDEN', 'Only moderators of the platform follow the quarantine.');
  const place = after ? parseCursor(after) : BEGINNING;
  const read = (tx: MediaTx, from: Cursor) => readModerationEvents(tx, from, PAGE);
  return follow(sources.moderation, MODERATION_CHANNEL, principal, read, place, sources);
}

function follow(
  rows: TransactionHost<MediaTx>,
  channel: WakeChannel,
  principal: Principal,
  read: (tx: MediaTx, from: Cursor) => Promise<EventRecord[]>,
  place: Cursor,
  { wakes, sharedReads }: StreamSources,
): Events {
  const readers = `${channel} ${accessClass(principal)}`;
  const readAfter = (from: Cursor) =>
    sharedReads(`${readers} ${formatCursor(from)}`, () => withTenant(rows, principal, (tx) => read(tx, from)));
  return followEvents(readAfter, place, wakes, channel);
}
