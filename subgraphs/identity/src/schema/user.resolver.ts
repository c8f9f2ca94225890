import { failure } from '@assay/failure';
import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { IdentityContext } from '../context.ts';
import { RoleEnum } from './enums.ts';
import { tenantReference } from './tenant.reference.ts';
import { TenantType } from './tenant.type.ts';
import { userReference } from './user.reference.ts';
import { UserType } from './user.type.ts';

@Resolver(() => UserType)
export class UserResolver {
  @Query(() => UserType, { nullable: true, description: 'Who is signed in. Null when nobody is; never an error.' })
  async me(@Ctx() context: IdentityContext): Promise<UserType | null> {
    const { subject } = context.principal;
    return subject === null ? null : userReference({ id: subject }, context);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The e-mail address. Null unless the caller is this user, or an admin of this user's tenant.",
  })
  email(@Root() user: UserType, @Ctx() { load }: IdentityContext): Promise<string | null> {
    return load.email.load(user.id);
  }

  @FieldResolver(() => [RoleEnum], {
    description: 'What this user may do. Empty for callers of another tenant and for visitors, whatever the roles are.',
  })
  async roles(@Root() user: UserType, @Ctx() { load }: IdentityContext): Promise<readonly string[]> {
    return (await load.roles.load(user.id)) ?? [];
  }

  @FieldResolver(() => TenantType, { description: 'The organisation that this user belongs to; there is always one.' })
  async tenant(@Root() user: UserType, @Ctx() context: IdentityContext): Promise<TenantType> {
    const tenant = await tenantReference({ id: user.tenantId }, context);
    if (tenant === null) throw failure('NOT_FOUND', 'There is no such tenant.');
    return tenant;
  }
}
