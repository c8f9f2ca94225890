import { type TransactionHost, withTenant } from '@assay/database';
import { failure } from '@assay/failure';
import { canReadAssetRecord } from '@assay/policy';
import type { Principal } from '@assay/principal';
import type { AssetReader } from '../assets/asset-reader.ts';
import { findAssets } from '../assets/find-assets.ts';
import type { MediaTx } from '../assets/transaction.ts';
import { BEGINNING, parseCursor } from './cursor.ts';
import { followEvents } from './follow.ts';
import { type EventRecord, readAssetEvents, readModerationEvents } from './read-events.ts';
import { assetChannel, MODERATION_CHANNEL, type Wakes } from './wake.ts';

/** What a stream reads from: it outlives a request, so each look is a short transaction of its own. */
export interface StreamSources {
  /** As media_app. */
  readonly database: TransactionHost<MediaTx>;
  /** As media_moderator. */
  readonly moderation: TransactionHost<MediaTx>;
  readonly wakes: Wakes;
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
  { database, moderation, wakes }: StreamSources,
): Promise<Events> {
  const place = after ? parseCursor(after) : BEGINNING;
  const asset = await assets.find(assetId);
  if (!asset) throw failure('NOT_FOUND', 'There is no such asset.');
  const audience = assets.audienceOf(asset);
  if (!audience) throw refusal(principal);
  const isOwner = audience.name === 'OWNER';
  const read = (from: typeof place) =>
    withTenant(isOwner ? database : moderation, principal, async (tx) => {
      const events = await readAssetEvents(tx, assetId, audience.name, from, PAGE);
      if (events.length === 0 || !isOwner) return events;
      const [now] = await findAssets(tx, [assetId]);
      return now && canReadAssetRecord(principal, now) ? events : [];
    });
  return followEvents(read, place, wakes, assetChannel(assetId));
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
  { moderation, wakes }: StreamSources,
): Promise<Events> {
  if (!principal.roles.includes('platform_admin'))
    throw failure('FORBIDDEN', 'Only moderators of the platform follow the quarantine.');
  const place = after ? parseCursor(after) : BEGINNING;
  const read = (from: typeof place) => withTenant(moderation, principal, (tx) => readModerationEvents(tx, from, PAGE));
  return followEvents(read, place, wakes, MODERATION_CHANNEL);
}
