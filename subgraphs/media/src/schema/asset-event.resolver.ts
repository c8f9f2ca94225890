import { LATEST_ONLY } from '@assay/subgraph';
import { Arg, Ctx, Directive, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { AssetRecord } from '../assets/asset-record.ts';
import type { MediaContext } from '../context.ts';
import { type AskedStream, openAssetEvents, openAssetProgress, openModerationEvents } from '../events/open-stream.ts';
import type { EventRecord } from '../events/read-events.ts';
import { AssetType } from './asset.type.ts';
import { AssetEventObject } from './asset-event.type.ts';

interface StreamOf<Args> {
  readonly args: Args;
  readonly context: MediaContext;
}

interface OfAsset {
  readonly assetId: string;
  readonly after?: string | null;
}

@Resolver(() => AssetEventObject)
export class AssetEventResolver {
  @Subscription(() => AssetEventObject, {
    description:
      'Every event of an asset after a cursor, then each new one as it happens, until you leave or your token ends. Reconnect with the last cursor that you saw: nothing is skipped and nothing comes twice. NOT_FOUND for an asset that you may not know of.',
    subscribe: async (asked: StreamOf<OfAsset>) => {
      const events = await openAssetEvents(streamOf(asked), asked.context.deps);
      await endReads(asked.context);
      return events;
    },
  })
  assetEvents(
    @Root() event: EventRecord,
    @Arg('assetId', () => ID) _assetId: string,
    @Arg('after', () => String, { nullable: true }) _after?: string | null,
  ): EventRecord {
    return event;
  }

  @Directive(LATEST_ONLY)
  @Subscription(() => AssetEventObject, {
    description:
      'How far an asset is: its newest event, and again whenever there is a newer one. Only the newest matters here: whoever reads slowly is not told those between, and never sent away for it. Follow assetEvents to miss nothing. With a cursor, nothing is told until there is something after it. NOT_FOUND for an asset that you may not know of.',
    subscribe: async (asked: StreamOf<OfAsset>) => {
      const events = await openAssetProgress(streamOf(asked), asked.context.deps);
      await endReads(asked.context);
      return events;
    },
  })
  assetProgress(
    @Root() event: EventRecord,
    @Arg('assetId', () => ID) _assetId: string,
    @Arg('after', () => String, { nullable: true }) _after?: string | null,
  ): EventRecord {
    return event;
  }

  @Subscription(() => AssetEventObject, {
    description:
      'What enters and leaves quarantine, of every tenant, after a cursor and then as it happens. For platform administrators.',
    subscribe: ({ args, context }: StreamOf<{ after?: string | null }>) =>
      openModerationEvents(args.after, context.principal, context.deps),
  })
  moderationEvents(
    @Root() event: EventRecord,
    @Arg('after', () => String, { nullable: true }) _after?: string | null,
  ): EventRecord {
    return event;
  }

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'The asset as it is now; null when you can no longer see it.',
  })
  asset(@Root() event: EventRecord, @Ctx() { assets }: MediaContext): Promise<AssetRecord | null> {
    return assets.find(event.assetId);
  }
}

function streamOf({ args: { assetId, after }, context: { principal, assets } }: StreamOf<OfAsset>): AskedStream {
  return { assetId, after, principal, assets };
}

/** A stream may last for hours, and no transaction does. */
async function endReads({ rows }: MediaContext): Promise<void> {
  await Promise.all([rows.own.end(), rows.moderation?.end()]);
}
