import type { Principal, Role } from '@assay/principal';

/** Which licences somebody sees, in the columns of the table; any of them. */
export type VisibleLicenses = readonly (
  | { readonly buyerTenantId: string }
  | { readonly sellerTenantId: string; readonly sellerId?: string }
)[];

const BUYING: readonly Role[] = ['buyer', 'author', 'reviewer', 'admin'];

/**
 * Whose licences the caller reads: those of the own tenant, those of own assets, and an admin those of the tenant's assets. Row
 * security says the same; a query that names it stays within it where row security is off.
 *
 * @returns an empty list for who sees none
 */
export function visibleLicenses({ subject, tenantId, roles }: Principal): VisibleLicenses {
  if (subject === null || tenantId === null) return [];
  const bought = roles.some((role) => BUYING.includes(role)) ? [{ buyerTenantId: tenantId }] : [];
  const sold = { sellerTenantId: tenantId, ...(roles.includes('admin') ? {} : { sellerId: subject }) };
  return [...bought, sold];
}
