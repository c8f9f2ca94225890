import { DateTimeScalar } from '@assay/subgraph';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { LicenseType } from './license.type.ts';

@InputType({ description: 'Whom to license an asset to, and on what terms.' })
export class IssueLicenseInput {
  @Field(() => ID, { description: 'A READY asset of the caller, or of the caller’s tenant for its admin.' })
  assetId: string;

  @Field(() => ID, { description: 'The buyer’s tenant.' })
  tenantId: string;

  @Field(() => Int, { defaultValue: 1, description: 'How many people may download: 1 to 10,000.' })
  seats: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends; left out, it does not.' })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'A new licence, and its key.' })
export class IssueLicensePayload {
  @Field(() => LicenseType, { description: 'The licence.' })
  license: LicenseType;

  @Field(() => String, { description: 'The key. It is shown this once; only a keyed hash of it is kept.' })
  key: string;
}

@InputType({ description: 'What to download, and by what right.' })
export class CreateDownloadInput {
  @Field(() => ID, { description: 'The asset.' })
  assetId: string;

  @Field(() => String, {
    nullable: true,
    description: 'A licence key of the caller’s tenant, as it is typed. The owner needs none.',
  })
  licenseKey?: string | null;
}

@ObjectType({ description: 'A link that works once.' })
export class CreateDownloadPayload {
  @Field(() => String, { description: 'The link. A GET spends it; HEAD does not.' })
  url: string;

  @Field(() => DateTimeScalar, { description: 'When it can no longer be spent: five minutes from now.' })
  expiresAt: Date;
}
