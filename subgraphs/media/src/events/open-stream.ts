import { type TransactionHost, withTenant } from '@assay/database';
import { failure } from '@assay/failure';
import { accessClass, type Principal } from '@assay/principal';
import type { AssetReader } from '../assets/asset-reader.ts';
import type { MediaTx } from '../assets/transaction.ts';
import { BEGINNING, type Cursor, formatCursor, parseCursor } from './cursor.ts';
import { followEvents } from './follow.ts';
import {
  type AskedEvents,
  type EventRecord,
  readAssetEvents,
  readModerationEvents,
  readNewestAssetEvent,
} from './read-events.ts';
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
export async function openAssetEvents(asked: AskedStream, sources: StreamSources): Promise<Events> {
  return openOfAsset(asked, sources, 'each', (tx, events, from) => readAssetEvents(tx, events, from, PAGE));
}

/**
 * The newest event of an asset, and each time there is a newer one that; whoever reads slowly misses those between.
 *
 * @throws Failure as {@link openAssetEvents} does
 */
export async function openAssetProgress(asked: AskedStream, sources: StreamSources): Promise<Events> {
  return openOfAsset(asked, sources, 'newest', readNewestAssetEvent);
}

/** Which asset somebody follows, and from where. */
export interface AskedStream {
  readonly assetId: string;
  readonly after: string | null | undefined;
  readonly principal: Principal;
  readonly assets: AssetReader;
}

async function openOfAsset(
  { assetId, after, principal, assets }: AskedStream,
  sources: StreamSources,
  what: 'each' | 'newest',
  read: (tx: MediaTx, events: AskedEvents, from: Cursor) => Promise<EventRecord[]>,
): Promise<Events> {
  const place = after ? parseCursor(after) : BEGINNING;
  const asset = await assets.find(assetId);
  if (!asset) throw failure('NOT_FOUND', 'There is no such asset.');
  const audience = assets.audienceOf(asset)?.name;
  if (!audience) throw refusal(principal);
  const rows = audience === 'OWNER' ? sources.database : sources.moderation;
  const events = { assetId: asset.id, audience, principal };
  const source = { rows, channel: assetChannel(asset.id), what, principal };
  return follow(source, (tx, from) => read(tx, events, from), place, sources);
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
  const source = { rows: sources.moderation, channel: MODERATION_CHANNEL, what: 'each', principal } as const;
  return follow(source, read, place, sources);
}

/** Where events are read, and for whom; who has all of it in common shares a look. */
interface Source {
  readonly rows: TransactionHost<MediaTx>;
  readonly channel: WakeChannel;
  readonly what: 'each' | 'newest';
  readonly principal: Principal;
}

function follow(
  { rows, channel, what, principal }: Source,
  read: (tx: MediaTx, from: Cursor) => Promise<EventRecord[]>,
  place: Cursor,
  { wakes, sharedReads }: StreamSources,
): Events {
  const readers = `${channel} ${what} ${accessClass(principal)}`;
  const readAfter = (from: Cursor) =>
    sharedReads(`${readers} ${formatCursor(from)}`, () => withTenant(rows, principal, (tx) => read(tx, from)));
  return followEvents(readAfter, place, wakes, channel);
}
