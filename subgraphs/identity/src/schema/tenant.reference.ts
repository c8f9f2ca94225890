import type { IdentityContext } from '../context.ts';
import { TenantType } from './tenant.type.ts';

/** Loads a tenant's card by its key; every tenant has one for everybody. */
export async function tenantReference({ id }: { readonly id: string }, { load }: IdentityContext) {
  const card = await load.tenant.load(id);
  return card && Object.assign(new TenantType(), card);
}
