import { BigIntScalar, DateTimeScalar, PageInfoType } from '@assay/subgraph';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { AssetEventType, AssetState, Stage, Verdict } from './enums.ts';

@ObjectType('Progress', { description: 'How far a running stage is, in bytes or frames.' })
export class ProgressType {
  @Field(() => BigIntScalar)
  done: bigint;

  @Field(() => BigIntScalar)
  total: bigint;
}

@ObjectType('AssetEvent', {
  description:
    'Something that happened to an asset. Events are stored, numbered and replayed; none is ever skipped or changed.',
})
export class AssetEventObject {
  @Field(() => String, { description: 'Opaque. Give the last one you saw as "after" to go on behind it.' })
  cursor: string;

  @Field(() => Int, { description: 'Counts from 1 what you may see of this asset, without a gap.' })
  seq: number;

  @Field(() => DateTimeScalar)
  at: Date;

  @Field(() => AssetEventType)
  type: AssetEventType;

  @Field(() => AssetState, { description: 'The state that the asset was in after it.' })
  state: AssetState;

  @Field(() => Stage, { nullable: true })
  stage: Stage | null;

  @Field(() => Verdict, { nullable: true, description: 'Of the stage that finished, or of the decision.' })
  verdict: Verdict | null;

  @Field(() => ProgressType, { nullable: true, description: 'Of PROGRESS events; at most ten a stage.' })
  progress: ProgressType | null;

  @Field(() => ID)
  assetId: string;
}

@ObjectType('AssetEventEdge')
export class AssetEventEdge {
  @Field(() => AssetEventObject)
  node: AssetEventObject;

  @Field(() => String)
  cursor: string;
}

@ObjectType('AssetEventConnection', { description: 'Events of an asset, oldest first.' })
export class AssetEventConnection {
  @Field(() => [AssetEventEdge])
  edges: AssetEventEdge[];

  @Field(() => PageInfoType)
  pageInfo: PageInfoType;
}
