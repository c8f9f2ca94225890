import { failure } from '@assay/failure';
import { pageOf, parseFirst } from '@assay/subgraph';
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { formatAssetCursor, parseAssetCursor } from '../assets/asset-cursor.ts';
import type { AssetRecord } from '../assets/asset-record.ts';
import { deleteAsset, publishAsset } from '../assets/change-asset.ts';
import type { MediaContext } from '../context.ts';
import { BEGINNING, parseCursor } from '../events/cursor.ts';
import { readAssetEvents } from '../events/read-events.ts';
import { assetChannel } from '../events/wake.ts';
import { AssetFilterInput, DeleteAssetInput, PublishAssetInput } from './asset.input.ts';
import { AssetConnection, AssetType } from './asset.type.ts';
import { AssetEventConnection } from './asset-event.type.ts';
import { DecisionType } from './decision.type.ts';
import { EvidenceType } from './evidence.type.ts';
import { TenantStub, UserStub } from './identity.type.ts';
import { moderationPreviewOf, previewOf } from './preview.ts';
import { PreviewType } from './preview.type.ts';
import { DeleteAssetPayload, PublishAssetPayload } from './upload.type.ts';

@Resolver(() => AssetType)
export class AssetResolver {
  @Query(() => AssetType, {
    nullable: true,
    description: 'An asset; null when it does not exist, or when you may not know that it does.',
  })
  asset(@Arg('id', () => ID) id: string, @Ctx() { assets }: MediaContext): Promise<AssetRecord | null> {
    return assets.find(id);
  }

  @Query(() => AssetConnection, {
    description:
      'Assets, newest first: the marketplace, and for those who are signed in also their own and what their tenant shares.',
  })
  async assets(
    @Arg('first', () => Int, { defaultValue: 20, nullable: true, description: 'At most 200.' }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Arg('filter', () => AssetFilterInput, { nullable: true }) filter: AssetFilterInput | null | undefined,
    @Ctx() { assets, principal }: MediaContext,
  ) {
    const page = { first: parseFirst(first ?? 20), after };
    if ((filter?.mine || filter?.ownTenant) && principal.subject === null) return pageOf([], page, cursorOf, itself);
    const rows = await assets.list({
      limit: page.first + 1,
      afterId: parseAssetCursor(after),
      filter: {
        states: filter?.states ?? undefined,
        visibility: filter?.visibility ?? undefined,
        kind: filter?.kind ?? undefined,
        ownerId: filter?.mine ? (principal.subject ?? undefined) : undefined,
        tenantId: filter?.ownTenant ? (principal.tenantId ?? undefined) : undefined,
      },
    });
    return pageOf(rows, page, cursorOf, itself);
  }

  @Mutation(() => PublishAssetPayload, {
    description:
      'Changes who may see an asset that is READY; for its owner and the admins of its tenant. NOT_FOUND, FORBIDDEN, INVALID_STATE.',
  })
  async publishAsset(@Arg('input', () => PublishAssetInput) input: PublishAssetInput, @Ctx() context: MediaContext) {
    const { assets, rows, principal, deps } = context;
    await publishAsset(await assets.find(input.assetId), input.visibility, principal, rows.own.write);
    deps.wakes.wake(assetChannel(input.assetId));
    return { asset: await reload(context, input.assetId) };
  }

  @Mutation(() => DeleteAssetPayload, {
    description:
      "Deletes an asset that is AWAITING_UPLOAD, READY, REJECTED or EXPIRED. A tombstone stays; previews, grants and the owner's downloads end at once, running licences still download. NOT_FOUND, FORBIDDEN, INVALID_STATE.",
  })
  async deleteAsset(@Arg('input', () => DeleteAssetInput) input: DeleteAssetInput, @Ctx() context: MediaContext) {
    const { assets, rows, principal, deps } = context;
    await deleteAsset(await assets.find(input.assetId), principal, rows.own.write);
    deps.wakes.wake(assetChannel(input.assetId));
    return { asset: await reload(context, input.assetId) };
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who uploaded it.' })
  owner(@Root() asset: AssetRecord): UserStub {
    return { id: asset.ownerId };
  }

  @FieldResolver(() => TenantStub, { description: 'The tenant that it belongs to.' })
  tenant(@Root() asset: AssetRecord): TenantStub {
    return { id: asset.tenantId };
  }

  @FieldResolver(() => PreviewType, {
    nullable: true,
    description: 'Watermarked, for everybody who sees the asset; null until it is READY.',
  })
  preview(@Root() asset: AssetRecord, @Ctx() { deps }: MediaContext) {
    return previewOf(asset, deps, Date.now());
  }

  @FieldResolver(() => PreviewType, {
    nullable: true,
    description:
      'Blurred, for moderators while the asset is in quarantine; its URL answers to their live session or token only. Null for everybody else, and unless RECEIVE to INSPECT passed.',
  })
  async moderationPreview(@Root() asset: AssetRecord, @Ctx() { records, deps }: MediaContext) {
    return moderationPreviewOf(asset, await records.moderationFileOf(asset), deps, Date.now());
  }

  @Directive('@listSize(assumedSize: 9)')
  @FieldResolver(() => [EvidenceType], {
    description:
      "The newest of each stage, for the owner, the tenant's admins, and moderators while it is in quarantine; empty for others.",
  })
  evidence(@Root() asset: AssetRecord, @Ctx() { records }: MediaContext) {
    return records.evidenceOf(asset);
  }

  @FieldResolver(() => DecisionType, {
    nullable: true,
    description: 'The newest, for whom the evidence is; null for others and until there is one.',
  })
  decision(@Root() asset: AssetRecord, @Ctx() { records }: MediaContext) {
    return records.decisionOf(asset);
  }

  @FieldResolver(() => AssetEventConnection, {
    description:
      'What happened to the asset, oldest first, for whom the evidence is; empty for others. Cursors are those of the subscription.',
  })
  async events(
    @Root() asset: AssetRecord,
    @Arg('first', () => Int, { defaultValue: 50, nullable: true, description: 'At most 200.' }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() { assets, principal }: MediaContext,
  ) {
    const page = { first: parseFirst(first ?? 50), after };
    const place = after ? parseCursor(after) : BEGINNING;
    const audience = assets.audienceOf(asset);
    const rows = audience
      ? await audience.session.read((tx) =>
          readAssetEvents(tx, { assetId: asset.id, audience: audience.name, principal }, place, page.first + 1),
        )
      : [];
    return pageOf(
      rows,
      page,
      ({ cursor }) => cursor,
      (event) => event,
    );
  }
}

/** As the caller sees it after the change. */
export async function reload({ assets }: MediaContext, id: string): Promise<AssetRecord> {
  const asset = await assets.find(id);
  if (!asset) throw failure('NOT_FOUND', 'There is no such asset.');
  return asset;
}

export function cursorOf(asset: AssetRecord): string {
  return formatAssetCursor(asset.id);
}

export function itself(asset: AssetRecord): AssetRecord {
  return asset;
}
