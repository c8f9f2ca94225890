import type { Principal } from '@assay/principal';
import type { DatabaseSession } from '@assay/subgraph';
import DataLoader from 'dataloader';
import type { Keyring } from './accounts/keyring.ts';
import type { Transaction } from './adapters/database.ts';

/** What anybody may know of a user. */
export interface UserCard {
  readonly id: string;
  readonly tenantId: string;
  readonly handle: string;
  readonly displayName: string;
}

/** What anybody may know of a tenant. */
export interface TenantCard {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

/** One request's rows, each asked for once. What row security hides is null like what does not exist. */
export interface Loaders {
  readonly user: DataLoader<string, UserCard | null>;
  readonly tenant: DataLoader<string, TenantCard | null>;
  /** Roles of users of the caller's own tenant. */
  readonly roles: DataLoader<string, readonly string[] | null>;
  /** The caller's own address, and its tenant's for an admin. */
  readonly email: DataLoader<string, string | null>;
  /** The tier of the caller's own tenant. */
  readonly tier: DataLoader<string, string | null>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * @param rows the request's transaction: its role and settings decide what there is
 * @param keyring opens what is personal
 * @param principal whose tenant and address those are; a visitor has none
 */
export function createLoaders(
  rows: DatabaseSession<Transaction>,
  keyring: Keyring,
  { subject, tenantId, roles }: Principal,
): Loaders {
  const cards = loader((ids) => rows.read((tx) => tx.accountCard.findMany({ where: { id: { in: ids } } })));
  const user = loaderOf(cards, (card) => ({
    id: card.id,
    tenantId: card.tenantId,
    handle: card.handle,
    displayName: keyring.unwrap(card.id, card.wrappedKey).open('display_name', card.displayName),
  }));
  // Row security says whose these are, and so does each query: should the one be off, the other still holds.
  const accounts = loader(async (ids) =>
    tenantId === null ? [] : rows.read((tx) => tx.account.findMany({ where: { tenantId, id: { in: ids } } })),
  );
  const tenants = loader(async (ids) =>
    rows.read((tx) => tx.tenant.findMany({ where: { id: { in: ids.filter((id) => id === tenantId) } } })),
  );
  const emails = loader(async (ids) => {
    const readable = roles.includes('admin') ? ids : ids.filter((id) => id === subject);
    if (tenantId === null || readable.length === 0) return [];
    const found = await rows.read((tx) =>
      tx.accountEmail.findMany({ where: { tenantId, accountId: { in: readable } } }),
    );
    return found.map(({ accountId, email }) => ({ id: accountId, email }));
  });
  return {
    user,
    tenant: loader((ids) => rows.read((tx) => tx.tenantCard.findMany({ where: { id: { in: ids } } }))),
    roles: loaderOf(accounts, (account) => account.roles),
    tier: loaderOf(tenants, (tenant) => tenant.tier),
    email: loaderOf(emails, async ({ id, email }) => {
      const card = await cards.load(id);
      return card && keyring.unwrap(id, card.wrappedKey).open('email', email);
    }),
  };
}

/** Batches by id. An id that is no UUID is nobody's. */
function loader<Row extends { readonly id: string }>(
  find: (ids: string[]) => Promise<readonly Row[]>,
): DataLoader<string, Row | null> {
  return new DataLoader(async (ids) => {
    const found = await find(ids.filter((id) => UUID.test(id)).map((id) => id.toLowerCase()));
    const byId = new Map(found.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
  });
}

function loaderOf<Row, Value>(
  rows: DataLoader<string, Row | null>,
  valueOf: (row: Row) => Value | Promise<Value>,
): DataLoader<string, Value | null> {
  return new DataLoader(async (ids) => {
    const found = await rows.loadMany(ids);
    return Promise.all(found.map((row) => (row === null || row instanceof Error ? null : valueOf(row))));
  });
}
