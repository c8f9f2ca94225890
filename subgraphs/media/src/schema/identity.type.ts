import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Identity's: here only its key. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('User')
export class UserStub {
  @Field(() => ID)
  id: string;
}

/** Identity's: here only its key. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Tenant')
export class TenantStub {
  @Field(() => ID)
  id: string;
}
