import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { TenantCard } from '../loaders.ts';

@Directive('@key(fields: "id")')
@ObjectType('Tenant', {
  description:
    'An organisation that sells or buys. Everybody may read its id, slug and name; its tier is for its own members.',
})
export class TenantType implements TenantCard {
  @Field(() => ID, {
    description: 'A UUID that never changes. Pass it as `tenantId` to license something to this tenant.',
  })
  id: string;

  @Field(() => String, {
    description: 'The short name for addresses, such as `northlight`: lower case, unique, at most 63 characters.',
  })
  slug: string;

  @Field(() => String, { description: 'The name to show.' })
  name: string;
}
