import { Field, ID, InputType } from 'type-graphql';
import { AssetKind, AssetState, Visibility } from './enums.ts';

@InputType('AssetFilter', { description: 'Narrows a list of assets; what is left out narrows nothing.' })
export class AssetFilterInput {
  @Field(() => [AssetState], {
    nullable: true,
    description:
      'Only assets in one of these states. Without it every state but DELETED: tombstones are listed when asked for.',
  })
  states: AssetState[] | null | undefined;

  @Field(() => Visibility, { nullable: true, description: 'Only assets with this visibility.' })
  visibility: Visibility | null | undefined;

  @Field(() => AssetKind, { nullable: true, description: 'Only assets of this kind.' })
  kind: AssetKind | null | undefined;

  @Field(() => Boolean, { nullable: true, description: 'True: only assets that the caller owns.' })
  mine: boolean | null | undefined;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: only assets of the caller's tenant, as far as the caller sees them.",
  })
  ownTenant: boolean | null | undefined;
}

@InputType()
export class PublishAssetInput {
  @Field(() => ID)
  assetId: string;

  @Field(() => Visibility, { description: 'Who may see it from now on.' })
  visibility: Visibility;
}

@InputType()
export class DeleteAssetInput {
  @Field(() => ID)
  assetId: string;
}
