import { BigIntScalar, DateTimeScalar } from '@assay/subgraph';
import { Directive, Field, ObjectType } from 'type-graphql';
import { AssetType } from './asset.type.ts';

@ObjectType('FormField')
export class FormFieldType {
  @Field(() => String, { description: 'As S3 calls it: key, Content-Type, policy, x-amz-*.' })
  name: string;

  @Field(() => String)
  value: string;
}

@ObjectType('UploadForm', {
  description:
    'A signed form for the bytes. POST it as multipart/form-data: every field as it is, then the field "file" last. The store takes one key, one content type and no more than maxSizeBytes, and refuses everything else.',
})
export class UploadFormType {
  @Field(() => String, { description: 'Absolute; of the object store.' })
  url: string;

  @Directive('@listSize(assumedSize: 10)')
  @Field(() => [FormFieldType])
  fields: FormFieldType[];

  @Field(() => DateTimeScalar, { description: 'After it the store refuses the form.' })
  expiresAt: Date;

  @Field(() => BigIntScalar, { description: 'In bytes: what was declared.' })
  maxSizeBytes: bigint;
}

@ObjectType('CreateUploadPayload')
export class CreateUploadPayload {
  @Field(() => AssetType, { description: 'AWAITING_UPLOAD.' })
  asset: AssetType;

  @Field(() => UploadFormType)
  form: UploadFormType;
}

@ObjectType('FinalizeUploadPayload')
export class FinalizeUploadPayload {
  @Field(() => AssetType, { description: 'RECEIVED, or further when it was finalized before.' })
  asset: AssetType;
}

@ObjectType('PublishAssetPayload')
export class PublishAssetPayload {
  @Field(() => AssetType)
  asset: AssetType;
}

@ObjectType('DeleteAssetPayload')
export class DeleteAssetPayload {
  @Field(() => AssetType, { description: 'The tombstone, DELETED.' })
  asset: AssetType;
}

@ObjectType('ModerateAssetPayload')
export class ModerateAssetPayload {
  @Field(() => AssetType, { description: 'As the verdict left it, also where the moderator can no longer read it.' })
  asset: AssetType;
}
