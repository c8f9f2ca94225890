import { pageOf, parseFirst } from '@assay/subgraph';
import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import { parseAssetCursor } from '../assets/asset-cursor.ts';
import type { MediaContext } from '../context.ts';
import { assetChannel, MODERATION_CHANNEL } from '../events/wake.ts';
import { moderate } from '../moderation/moderate.ts';
import { cursorOf, itself } from './asset.resolver.ts';
import { AssetConnection } from './asset.type.ts';
import { ModerateAssetInput } from './upload.input.ts';
import { ModerateAssetPayload } from './upload.type.ts';

@Resolver()
export class ModerationResolver {
  @Query(() => AssetConnection, {
    nullable: true,
    description:
      'What waits for a moderator, of every tenant, newest first. For platform administrators; FORBIDDEN for others.',
  })
  async quarantine(
    @Arg('first', () => Int, { defaultValue: 20, nullable: true, description: 'At most 200.' }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() { assets }: MediaContext,
  ) {
    const page = { first: parseFirst(first ?? 20), after };
    const filter = { states: ['QUARANTINED'] };
    const rows = await assets.quarantine({ limit: page.first + 1, afterId: parseAssetCursor(after), filter });
    return pageOf(rows, page, cursorOf, itself);
  }

  @Mutation(() => ModerateAssetPayload, {
    description:
      "A moderator's verdict. RELEASE overrides an opinion and never malware; REJECT is open for what is in quarantine or on the marketplace; RETRY asks the stages again that stayed UNKNOWN. NOT_FOUND, BAD_USER_INPUT, INVALID_STATE.",
  })
  async moderateAsset(
    @Arg('input', () => ModerateAssetInput) input: ModerateAssetInput,
    @Ctx() { rows, deps }: MediaContext,
  ) {
    const asset = await moderate(input.assetId, input.verdict, input.reason, rows.moderation);
    deps.wakes.wake(assetChannel(asset.id), MODERATION_CHANNEL);
    return { asset };
  }
}
