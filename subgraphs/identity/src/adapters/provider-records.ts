import { withTenant } from '@assay/database';
import type { Prisma } from '@assay/database/clients/identity';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Database, Transaction } from './database.ts';

const ACTOR = { system: 'system:provider', tenantId: null, requestId: 'provider' } as const;

/** The provider's storage in Postgres, so that a restart signs nobody out. @param db as `identity_provider` */
export function createProviderRecords(db: Database): (kind: string) => Adapter {
  const within = <T>(work: (tx: Transaction) => Promise<T>) => withTenant(db, ACTOR, work);

  return (kind) => ({
    upsert: async (id, payload, expiresIn) => {
      const record = {
        payload: payload as Prisma.InputJsonObject,
        // Codes carry the session's uid under another name; both end with the session.
        uid: payload.uid ?? payload.sessionUid ?? null,
        grantId: payload.grantId ?? null,
        expiresAt: new Date(Date.now() + (expiresIn ?? 3_600) * 1000),
      };
      await within((tx) =>
        tx.providerRecord.upsert({ where: { kind_id: { kind, id } }, create: { kind, id, ...record }, update: record }),
      );
    },
    find: async (id) => {
      const found = await within((tx) => tx.providerRecord.findUnique({ where: { kind_id: { kind, id } } }));
      return found ? payloadOf(found) : undefined;
    },
    findByUid: async (uid) => {
      const found = await within((tx) => tx.providerRecord.findFirst({ where: { kind, uid } }));
      return found ? payloadOf(found) : undefined;
    },
    findByUserCode: async () => undefined,
    consume: async (id) => {
      // Two exchanges of one code at the same moment: the row decides which of them was first.
      const { count } = await within((tx) =>
        tx.providerRecord.updateMany({ where: { kind, id, consumedAt: null }, data: { consumedAt: new Date() } }),
      );
      if (count === 0) throw new errors.InvalidGrant('already consumed');
    },
    destroy: async (id) => {
      await within((tx) => tx.providerRecord.deleteMany({ where: { kind, id } }));
    },
    revokeByGrantId: async (grantId) => {
      await within((tx) => tx.providerRecord.deleteMany({ where: { grantId } }));
    },
  });
}

/** Forgets what has expired; the provider itself looks at no record's end but its own. */
export async function removeExpiredRecords(db: Database): Promise<number> {
  const { count } = await withTenant(db, ACTOR, (tx) =>
    tx.providerRecord.deleteMany({ where: { expiresAt: { lt: new Date() } } }),
  );
  return count;
}

interface Stored {
  readonly payload: Prisma.JsonValue;
  readonly consumedAt: Date | null;
  readonly expiresAt: Date;
}

function payloadOf({ payload, consumedAt, expiresAt }: Stored): AdapterPayload | undefined {
  if (expiresAt.getTime() <= Date.now()) return undefined;
  const stored = payload as AdapterPayload;
  return consumedAt === null ? stored : { ...stored, consumed: Math.floor(consumedAt.getTime() / 1000) };
}
