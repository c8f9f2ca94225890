import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { IdentityContext } from '../context.ts';
import { TierEnum } from './enums.ts';
import { TenantType } from './tenant.type.ts';

@Resolver(() => TenantType)
export class TenantResolver {
  @FieldResolver(() => TierEnum, {
    description: 'The plan. Members of the tenant read theirs; everybody else reads STANDARD, whatever it is.',
  })
  async tier(@Root() tenant: TenantType, @Ctx() { load }: IdentityContext): Promise<string> {
    return (await load.tier.load(tenant.id)) ?? TierEnum.STANDARD;
  }
}
