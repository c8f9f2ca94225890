import { verifyFences } from '@assay/database';
import { createPrincipalVerifier, type PrincipalVerifier } from '@assay/principal';
import type { SpentTokens } from '@assay/subgraph';
import { type MediaDatabase, openDatabase } from './adapters/database.ts';
import { connectWakes, type RedisWakes } from './adapters/redis-wakes.ts';
import { openIncoming } from './adapters/s3-incoming.ts';
import type { MediaConfig } from './config.ts';
import { createSharedReads, type SharedReads } from './events/shared-reads.ts';
import { createPreviewLinks, type PreviewLinks } from './preview-link.ts';
import type { IncomingBucket } from './uploads/ports.ts';

/** All that the subgraph stands on. */
export interface MediaDeps {
  /** As media_app. */
  readonly database: MediaDatabase;
  /** As media_moderator. */
  readonly moderation: MediaDatabase;
  readonly incoming: IncomingBucket;
  readonly wakes: RedisWakes;
  readonly sharedReads: SharedReads;
  readonly previewLinks: PreviewLinks;
  readonly verifyPrincipal: PrincipalVerifier;
  /** Shared with this subgraph’s other replicas, where it has any. */
  readonly spentTokens?: SpentTokens | undefined;
  /** Of the delivery edge and of the gateway, without a slash at the end. */
  readonly urls: { readonly edge: string; readonly gateway: string };
  readonly report: (errorId: string, error: unknown) => void;
  /** Only a test's composition root ever turns shield off, to show that the other fences hold. */
  readonly isShieldOff?: boolean;
}

/**
 * Opens the subgraph's connections. Refuses when row security would not hold for one of its roles.
 *
 * @throws Failure INTERNAL that says which role or table it is
 */
export async function openDeps(config: MediaConfig, report: MediaDeps['report']): Promise<MediaDeps & AsyncDisposable> {
  await Promise.all([verifyFences(config.databases.app), verifyFences(config.databases.moderator)]);
  const database = openDatabase(config.databases.app, 12);
  const moderation = openDatabase(config.databases.moderator, 4);
  const incoming = openIncoming(config.store, config.buckets.incoming);
  const wakes = connectWakes(config.redisUrl, (cause) => report('redis', cause));
  return {
    database,
    moderation,
    incoming,
    wakes,
    sharedReads: createSharedReads(),
    previewLinks: createPreviewLinks(config.previewKey),
    verifyPrincipal: createPrincipalVerifier(config.principalKey, 'media'),
    urls: config.urls,
    report,
    [Symbol.asyncDispose]: async () => {
      incoming[Symbol.dispose]();
      await Promise.all([wakes, database, moderation].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
