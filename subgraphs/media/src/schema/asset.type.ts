import { BigIntScalar, DateTimeScalar, PageInfoType } from '@assay/subgraph';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { AssetKind, AssetState, Visibility } from './enums.ts';

@Directive('@key(fields: "id")')
@ObjectType('Asset', {
  description:
    'Something that was uploaded, and what is known of it. Unreadable to everybody until a decision opens it.',
})
export class AssetType {
  @Field(() => ID)
  id: string;

  @Field(() => AssetKind, { nullable: true, description: 'Told by the content; null until it was sniffed.' })
  kind: AssetKind | null;

  @Field(() => AssetState)
  state: AssetState;

  @Field(() => Visibility)
  visibility: Visibility;

  @Field(() => String)
  title: string;

  @Field(() => String, {
    description: 'Sanitised: the last part of what was sent, without what cannot be seen, at most 200 characters.',
  })
  fileName: string;

  @Field(() => String, {
    nullable: true,
    description: 'Told by the content, never by the client; null until it was sniffed.',
  })
  mimeType: string | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'In bytes, as stored; null until it was received.' })
  sizeBytes: bigint | null;

  @Field(() => String, {
    nullable: true,
    description: 'Hex, of what is stored; null until it was received, and null to other tenants.',
  })
  sha256: string | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it became READY; null before.' })
  readyAt: Date | null;
}

@ObjectType('AssetEdge')
export class AssetEdge {
  @Field(() => AssetType)
  node: AssetType;

  @Field(() => String)
  cursor: string;
}

@ObjectType('AssetConnection', { description: 'Assets, newest first.' })
export class AssetConnection {
  @Field(() => [AssetEdge])
  edges: AssetEdge[];

  @Field(() => PageInfoType)
  pageInfo: PageInfoType;
}
