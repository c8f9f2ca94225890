import { withTenant } from '@assay/database';
import { anonymous, type Principal, ROLES, type Role } from '@assay/principal';
import { z } from 'zod';
import { endSession } from '../sessions/end-session.ts';
import type { SessionFacts, Sessions, SignInProof, Visitor, WakeSession } from '../sessions/sessions.ts';
import type { Database } from './database.ts';

/**
 * The book of sessions in Postgres, through definer functions: the role of `db` reads no other account's row by itself.
 *
 * @param db as `identity_app`
 * @param wake called after the commit that ended a session
 */
export function createSqlSessions(db: Database, wake: WakeSession): Sessions {
  return {
    ofBearer: async (proof, visitor) => {
      const rows = await withTenant(db, actorOf(visitor), (tx) => {
        const { issuer, subject, sid, acr, authenticatedAt, expiresAt, amr } = columnsOf(proof);
        return tx.$queryRaw`select * from identity.principal_of(${issuer}, ${subject}, ${sid},
          ${authenticatedAt}::timestamptz, ${expiresAt}::timestamptz, ${acr}, ${amr}::text[], ${visitor.userAgent})`;
      });
      return factsOf(rows);
    },
    ofCookie: async (cookieHash, visitor) => {
      const rows = await withTenant(
        db,
        actorOf(visitor),
        (tx) => tx.$queryRaw`select * from identity.principal_of_cookie(${cookieHash})`,
      );
      return factsOf(rows);
    },
    signIn: async (proof, cookieHash, visitor) => {
      const rows = await withTenant(db, actorOf(visitor), (tx) => {
        const { issuer, subject, sid, acr, authenticatedAt, expiresAt, amr } = columnsOf(proof);
        return tx.$queryRaw`select replaced, (principal).* from identity.sign_in(${issuer}, ${subject}, ${sid}, ${cookieHash},
          ${authenticatedAt}::timestamptz, ${expiresAt}::timestamptz, ${acr}, ${amr}::text[], ${visitor.userAgent})`;
      });
      const replaced = z.array(z.object({ replaced: z.string().nullable() })).parse(rows)[0]?.replaced;
      if (replaced) await wake(replaced);
      return factsOf(rows);
    },
    signOut: async (facts, visitor) => {
      const { providerEnded } = await withTenant(db, principalOf(facts, visitor), (tx) =>
        endSession(tx, facts.sessionId, 'SIGNED_OUT'),
      );
      await wake(facts.sessionId);
      return { providerEnded };
    },
    live: async (sessionIds) => {
      const nobody = { system: 'system:gateway', tenantId: null, requestId: 'session-watch' } as const;
      const rows = await withTenant(
        db,
        nobody,
        (tx) => tx.$queryRaw`select id from identity.live_sessions(${[...sessionIds]}::uuid[]) as id`,
      );
      return new Set(
        z
          .array(z.object({ id: z.string() }))
          .parse(rows)
          .map((row) => row.id),
      );
    },
  };
}

function actorOf(visitor: Visitor): Principal {
  return anonymous(visitor.requestId, visitor.address);
}

function principalOf(facts: SessionFacts, visitor: Visitor): Principal {
  const { subject, tenantId, roles, sessionId } = facts;
  return { ...actorOf(visitor), subject, tenantId, roles, sessionId };
}

function columnsOf({ authTime, expiresAt, amr, ...rest }: SignInProof) {
  return {
    ...rest,
    authenticatedAt: new Date(authTime * 1000),
    expiresAt: new Date(expiresAt * 1000),
    amr: [...amr],
  };
}

const seconds = z.date().transform((date) => Math.floor(date.getTime() / 1000));
const principalRow = z
  .object({
    session_id: z.string(),
    account_id: z.string(),
    tenant_id: z.string(),
    roles: z.array(z.enum(ROLES)),
    tier: z.enum(['STANDARD', 'ENTERPRISE']),
    entitlements: z.array(z.string()),
    authenticated_at: seconds,
    expires_at: seconds,
    acr: z.string().nullable(),
    amr: z.array(z.string()),
  })
  .transform((row) => ({
    sessionId: row.session_id,
    subject: row.account_id,
    tenantId: row.tenant_id,
    roles: row.roles satisfies readonly Role[],
    tier: row.tier,
    entitlements: row.entitlements,
    authTime: row.authenticated_at,
    expiresAt: row.expires_at,
    acr: row.acr,
    amr: row.amr,
  }));

function factsOf(rows: unknown): SessionFacts | null {
  const [row] = z.array(principalRow).parse(rows);
  return row ? Object.freeze(row) : null;
}
