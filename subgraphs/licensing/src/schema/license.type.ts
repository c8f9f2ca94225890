import { DateTimeScalar, PageInfoType } from '@assay/subgraph';
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum LicenseState {
  ACTIVE = 'ACTIVE',
  EXPIRED = 'EXPIRED',
  REVOKED = 'REVOKED',
}
registerEnumType(LicenseState, {
  name: 'LicenseState',
  description: 'Where a licence stands.',
  valuesConfig: {
    ACTIVE: { description: 'Its key opens downloads while seats are left.' },
    EXPIRED: { description: 'Its time is over.' },
    REVOKED: { description: 'It was taken back.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('Asset', { description: 'An asset, of which licensing knows the licences.' })
export class AssetType {
  @Field(() => ID, { description: 'A UUID.' })
  id: string;
}

@Directive('@key(fields: "id")')
@ObjectType('License', {
  description:
    'The right of a tenant to download an asset, for a number of people. The buyer’s tenant sees it, and the seller’s side.',
})
export class LicenseType {
  @Field(() => ID, { description: 'A UUID.' })
  id: string;

  @Field(() => AssetType, {
    description: 'What it opens. A licensee may read the storefront’s columns of it, whatever became of the asset.',
  })
  asset: AssetType;

  @Field(() => Int, { description: 'How many people may download.' })
  seats: number;

  @Field(() => Int, { description: 'How many have: the first download of each takes a seat.' })
  seatsUsed: number;

  @Field(() => String, {
    description: 'The last four symbols of its key. The key itself is shown once, when it is issued.',
  })
  keyHint: string;

  @Field(() => LicenseState, { description: 'Where it stands.' })
  state: LicenseState;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends; null when it does not.' })
  expiresAt: Date | null;
}

@ObjectType({ description: 'A licence and its place in the list.' })
export class LicenseEdge {
  @Field(() => LicenseType, { description: 'The licence.' })
  node: LicenseType;

  @Field(() => String, { description: 'Its place, for `after`.' })
  cursor: string;
}

@ObjectType({ description: 'A page of licences, the newest first.' })
export class LicenseConnection {
  @Field(() => [LicenseEdge], { description: 'The licences of this page.' })
  edges: readonly LicenseEdge[];

  @Field(() => PageInfoType, { description: 'Where this page begins and ends.' })
  pageInfo: PageInfoType;
}
