import { BigIntScalar } from '@assay/subgraph';
import { Field, ID, InputType } from 'type-graphql';
import { ModerationVerdict, UploadVisibility } from './enums.ts';

@InputType()
export class CreateUploadInput {
  @Field(() => String, { description: 'For people; one line, at most 300 characters are kept.' })
  title: string;

  @Field(() => String, { description: 'What the file is to be called when it is downloaded. It is sanitised.' })
  fileName: string;

  @Field(() => String, { description: 'image/jpeg, image/png or image/webp. The content has to be of this type.' })
  contentType: string;

  @Field(() => BigIntScalar, { description: 'The exact size, in bytes.' })
  sizeBytes: bigint;

  @Field(() => UploadVisibility, { defaultValue: UploadVisibility.PRIVATE })
  visibility: UploadVisibility;
}

@InputType()
export class FinalizeUploadInput {
  @Field(() => ID)
  assetId: string;

  @Field(() => String, { description: 'SHA-256 of the bytes that were posted: hex, lower case.' })
  sha256: string;
}

@InputType()
export class ModerateAssetInput {
  @Field(() => ID)
  assetId: string;

  @Field(() => ModerationVerdict)
  verdict: ModerationVerdict;

  @Field(() => String, { description: 'For moderators: the owner never reads it. At most 2,000 characters.' })
  reason: string;
}
