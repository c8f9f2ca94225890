import { withTenant } from '@assay/database';
import { anonymous } from '@assay/principal';
import type { Database } from './database.ts';

/** What the provider may know and do about accounts besides the form. */
export interface ProviderAccounts {
  /** Whether tokens may still be issued to somebody. */
  has(subject: string): Promise<boolean>;
  /** Ends what was opened with a sign-in of the provider's. @returns the session's id, null when none was live */
  endSession(sid: string, network: string | null, requestId: string): Promise<string | null>;
}

/** @param db as `identity_provider` */
export function createProviderAccounts(db: Database, issuer: string): ProviderAccounts {
  return {
    has: async (subject) => {
      const rows = await withTenant(
        db,
        anonymous('provider', null),
        (tx) => tx.$queryRaw<{ known: boolean }[]>`select identity.has_account(${issuer}, ${subject}) as known`,
      );
      return rows[0]?.known === true;
    },
    endSession: async (sid, network, requestId) => {
      const rows = await withTenant(
        db,
        anonymous(requestId, network),
        (tx) => tx.$queryRaw<{ id: string | null }[]>`select identity.end_provider_session(${issuer}, ${sid}) as id`,
      );
      return rows[0]?.id ?? null;
    },
  };
}
