import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { UserCard } from '../loaders.ts';

@Directive('@key(fields: "id")')
@ObjectType('User', {
  description:
    'A person with an account. Everybody may read id, displayName, handle and tenant; the e-mail address and the roles are for fewer.',
})
export class UserType implements UserCard {
  @Field(() => ID, { description: 'A UUID that never changes.' })
  id: string;

  @Field(() => String, { description: 'The name to show, as the person writes it.' })
  displayName: string;

  @Field(() => String, { description: 'A unique name for addresses and mentions: lower case, at most 63 characters.' })
  handle: string;

  tenantId: string;
}
