import { RUNTIME_ROLES } from '@assay/database';
import { scopesOf } from '@assay/policy';
import { createPrincipalSigner, createPrincipalVerifier, type Principal, type Role } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../ops/run/parts/database.ts';
import { adminUrl } from '../../../ops/run/parts/postgres.ts';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { createSubgraphHandler, openDatabase } from '../src/index.ts';

const KEY = Buffer.alloc(32, 3).toString('base64url');
const TENANT = '018f0000-0000-7000-8000-0000000000aa';

function somebody(last: string, ...roles: Role[]): Principal {
  return {
    subject: `018f0000-0000-7000-8000-00000000000${last}`,
    tenantId: TENANT,
    roles,
    scopes: scopesOf(roles, []),
    entitlements: [],
    tier: 'STANDARD',
    issuer: 'http://issuer',
    sessionId: 's1',
    acr: null,
    amr: [],
    authTime: null,
    expiresAt: null,
    risk: 0,
    address: '10.1.2.0/24',
    requestId: 'req-1',
  };
}

const security = somebody('1', 'security');
const otherSecurity = somebody('2', 'security');
const platform = somebody('3', 'platform_admin');
const both = somebody('4', 'security', 'platform_admin');
const author = somebody('5', 'author');

const REQUEST =
  'mutation ($minutes: Int!) { requestPrivilegedAccess(input: { scope: AUDIT_READ, reason: "A report.", minutes: $minutes }) { request { id state } } }';
const APPROVE =
  'mutation ($id: ID!) { approvePrivilegedAccess(input: { requestId: $id }) { request { id state expiresAt } } }';
const REVOKE = 'mutation ($id: ID!) { revokePrivilegedAccess(input: { requestId: $id }) { request { state } } }';
const ENTRIES =
  'query ($after: String, $first: Int, $filter: AuditFilter) { auditEntries(first: $first, after: $after, filter: $filter) { edges { node { actor action subject outcome address requestId tenantId } } pageInfo { hasNextPage endCursor } } }';

describe('the audit trail', () => {
  let parts: TestParts;
  let subgraph: SubgraphHandler;
  let admin: Client;
  let close: () => Promise<unknown>;

  beforeAll(async () => {
    parts = await startParts(['postgres']);
    const database = openDatabase(databaseUrl(parts.ground, 'compliance_app'));
    const trail = openDatabase(databaseUrl(parts.ground, 'audit_reader'));
    subgraph = await createSubgraphHandler({
      database,
      trail,
      verifyPrincipal: createPrincipalVerifier(KEY, 'compliance'),
      report: () => undefined,
    });
    admin = new Client({ connectionString: adminUrl(parts.ground).replace(/\/postgres$/, '/assay') });
    await admin.connect();
    close = () => Promise.all([database.$disconnect(), trail.$disconnect(), admin.end()]);
  }, 60_000);
  afterAll(async () => {
    await close();
    await parts[Symbol.asyncDispose]();
  });

  const ask = async (principal: Principal, query: string, variables: Record<string, unknown> = {}) => {
    const principalToken = await createPrincipalSigner(KEY, 'compliance')(principal);
    const result = await subgraph.execute({ query, variables, principalToken });
    return {
      data: JSON.parse(JSON.stringify(result.data ?? null)),
      code: result.errors?.[0]?.extensions['code'] ?? null,
    };
  };
  const requested = async (principal: Principal, minutes = 5): Promise<string> =>
    (await ask(principal, REQUEST, { minutes })).data.requestPrivilegedAccess.request.id;
  const granted = async (principal: Principal) => {
    const id = await requested(principal);
    await ask(platform, APPROVE, { id });
    return id;
  };

  it('is closed without a grant, also to the security team', async () => {
    expect((await ask(otherSecurity, ENTRIES)).code).toBe('FORBIDDEN');
    expect((await ask(author, ENTRIES)).code).toBe('FORBIDDEN');
  });

  it('opens for the one who asked, once somebody else approved, until it is revoked', async () => {
    const id = await requested(security);
    expect((await ask(security, ENTRIES)).code).toBe('FORBIDDEN');
    expect((await ask(platform, APPROVE, { id })).data.approvePrivilegedAccess.request.state).toBe('APPROVED');
    const { data } = await ask(security, ENTRIES, { first: 50 });
    const entries = data.auditEntries.edges.map(({ node }: { node: { action: string } }) => node.action);
    expect(entries.slice(0, 3)).toEqual(['access.approve', 'audit.read_failed', 'access.request']);
    expect(data.auditEntries.edges[2].node).toEqual({
      actor: security.subject,
      action: 'access.request',
      subject: id,
      outcome: 'AUDIT_READ',
      address: '10.1.2.0/24',
      requestId: 'req-1',
      tenantId: TENANT,
    });
    expect((await ask(otherSecurity, ENTRIES)).code).toBe('FORBIDDEN');
    expect((await ask(security, REVOKE, { id })).data.revokePrivilegedAccess.request.state).toBe('REVOKED');
    expect((await ask(security, ENTRIES)).code).toBe('FORBIDDEN');
  });

  it('records each reading, and pages without a repeat', async () => {
    const id = await granted(security);
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const { data } = await ask(security, ENTRIES, { first: 2, after });
      seen.push(...data.auditEntries.edges.map(({ node }: { node: object }) => JSON.stringify(node)));
      after = data.auditEntries.pageInfo.endCursor;
    }
    expect(seen).toHaveLength(6);
    const { data } = await ask(security, ENTRIES, { filter: { action: 'audit.read' } });
    expect(data.auditEntries.edges.length).toBeGreaterThanOrEqual(3);
    await ask(security, REVOKE, { id });
  });

  it('pages without a hole where many entries fall into one millisecond', async () => {
    await admin.query(
      `insert into compliance.audit_entry (actor, action, subject, outcome) select 'test', 'test.burst', n, 'OK' from generate_series(1, 300) n`,
    );
    const id = await granted(security);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data } = await ask(security, ENTRIES, { first: 7, after, filter: { action: 'test.burst' } });
      seen.push(...data.auditEntries.edges.map(({ node }: { node: { subject: string } }) => node.subject));
      after = data.auditEntries.pageInfo.hasNextPage ? data.auditEntries.pageInfo.endCursor : null;
    } while (after);
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
    await ask(security, REVOKE, { id });
  });

  it('takes no filter that Postgres cannot hold, also under a grant', async () => {
    const id = await granted(security);
    expect((await ask(security, ENTRIES, { filter: { actor: 'a\0b' } })).code).toBe('BAD_USER_INPUT');
    await ask(security, REVOKE, { id });
  });

  it('closes in the middle of paging when the time is over', async () => {
    const id = await granted(security);
    const { data } = await ask(security, ENTRIES, { first: 1 });
    await admin.query(`update compliance.access_request set expires_at = clock_timestamp() where id = $1`, [id]);
    expect((await ask(security, ENTRIES, { first: 1, after: data.auditEntries.pageInfo.endCursor })).code).toBe(
      'FORBIDDEN',
    );
  });

  it('is approved by another person, whatever roles one has', async () => {
    const id = await requested(both);
    expect((await ask(both, APPROVE, { id })).code).toBe('FORBIDDEN');
    expect((await ask(security, APPROVE, { id })).code).toBe('FORBIDDEN');
    expect((await ask(otherSecurity, REVOKE, { id })).code).toBe('NOT_FOUND');
    expect((await ask(platform, APPROVE, { id })).code).toBeNull();
    expect((await ask(platform, APPROVE, { id })).code).toBe('INVALID_STATE');
  });

  it('keeps its requests from nobody, whom the database itself refuses', async () => {
    const id = await requested(security);
    const app = new Client({ connectionString: databaseUrl(parts.ground, 'compliance_app') });
    await app.connect();
    for (const statement of [
      `select * from compliance.revoke_access('${id}')`,
      `select * from compliance.approve_access('${id}')`,
      `select * from compliance.request_access('AUDIT_READ', 'x', 1)`,
    ]) {
      await expect(app.query(statement)).rejects.toMatchObject({ code: expect.stringMatching(/^AS40[13]$/) });
    }
    await app.end();
    expect((await ask(platform, APPROVE, { id })).data.approvePrivilegedAccess.request.state).toBe('APPROVED');
    await ask(security, REVOKE, { id });
  });

  it.each([0, 241, -5])('refuses a grant of %i minutes', async (minutes) => {
    expect((await ask(security, REQUEST, { minutes })).code).toBe('BAD_USER_INPUT');
  });

  it.each(["'; drop table compliance.audit_entry; --", '" } } { __schema { types { name } } } #', 'x', '\u0000'])(
    'takes %j for an id that is none',
    async (id) => {
      expect((await ask(platform, APPROVE, { id })).code).toBe('NOT_FOUND');
      expect((await ask(security, ENTRIES, { filter: { subject: id } })).code).toBe('FORBIDDEN');
    },
  );

  it('cannot be changed by any role that runs, nor by its owner', async () => {
    for (const role of [...RUNTIME_ROLES, 'assay_owner', 'compliance_recorder'] as const) {
      await admin.query('begin');
      await admin.query(`set local role ${role}`);
      for (const statement of [
        "update compliance.audit_entry set outcome = 'x'",
        'delete from compliance.audit_entry',
        'truncate compliance.audit_entry',
      ]) {
        await admin.query('savepoint s');
        const failure = await admin.query(statement).then(
          (result) => (result.rowCount === 0 ? 'no row' : 'changed'),
          (error: Error) => error.message,
        );
        expect(`${role}: ${failure}`).not.toMatch(/changed$/);
        if (role !== 'assay_owner') expect(failure).toMatch(/permission denied|append-only/);
        await admin.query('rollback to s');
      }
      await admin.query('rollback');
    }
  });

  it('takes a redemption once, however often the stream delivers it', async () => {
    const writer = new Client({ connectionString: databaseUrl(parts.ground, 'audit_writer') });
    await writer.connect();
    const record = () =>
      writer.query(
        `select compliance.record_redemption('1-0', now(), $1, 'asset', $2, 'redeemed', '10.0.0.0/24', 'r') as fresh`,
        [author.subject, TENANT],
      );
    expect([(await record()).rows[0].fresh, (await record()).rows[0].fresh]).toEqual([true, false]);
    await writer.end();
  });

  describe('what was refused', () => {
    const failedOf = async ({ subject }: Principal, action: string) =>
      (
        await admin.query<{ entry: string }>(
          `select subject || ': ' || outcome as entry from compliance.audit_entry where actor = $1 and action = $2 order by at, id`,
          [subject, action],
        )
      ).rows.map(({ entry }) => entry);

    it('a reading without a grant, with an expired and with a revoked one, and what each looked for', async () => {
      const reader = somebody('6', 'security');
      await ask(reader, ENTRIES, { filter: { action: 'asset.moderate' } });
      const expired = await granted(reader);
      await admin.query(`update compliance.access_request set expires_at = clock_timestamp() where id = $1`, [expired]);
      await ask(reader, ENTRIES, { filter: { actor: 'x'.repeat(500), subject: 'a\0' } });
      await ask(reader, REVOKE, { id: await granted(reader) });
      await ask(reader, ENTRIES);
      expect(await failedOf(reader, 'audit.read_failed')).toEqual([
        'audit action=asset.moderate: FORBIDDEN',
        `audit subject=a\u{fffd} actor=${'x'.repeat(80)}…: FORBIDDEN`,
        'audit: FORBIDDEN',
      ]);
      await granted(reader);
      const filter = { action: 'asset.delete', from: '2026-01-02T03:04:05.000Z' };
      await ask(reader, ENTRIES, { filter });
      expect(await failedOf(reader, 'audit.read')).toEqual([
        'audit action=asset.delete from=2026-01-02T03:04:05.000Z: 0 entries',
      ]);
    });

    it('an approval of one’s own request, of a spent one and of none', async () => {
      const approver = somebody('7', 'security', 'platform_admin');
      const own = await requested(approver);
      const spent = await granted(otherSecurity);
      const unknown = '018f0000-0000-7000-8000-00000000dead';
      for (const id of [own, spent, unknown]) await ask(approver, APPROVE, { id });
      expect(await failedOf(approver, 'access.approve_failed')).toEqual([
        `${own}: FORBIDDEN`,
        `${spent}: INVALID_STATE`,
        `${unknown}: NOT_FOUND`,
      ]);
      await ask(otherSecurity, REVOKE, { id: spent });
    });

    it('a flood, without one entry a refusal', async () => {
      const flooder = somebody('8', 'security');
      for (let times = 0; times < 120; times += 1) await ask(flooder, ENTRIES);
      const entries = await failedOf(flooder, 'audit.read_failed');
      // A minute may end in the middle, and each begins with ten.
      expect(entries.length).toBeGreaterThanOrEqual(11);
      expect(entries.length).toBeLessThanOrEqual(21);
      const { rows } = await admin.query('select count(*)::int from compliance.refusal_count where actor = $1', [
        flooder.subject,
      ]);
      expect(rows).toEqual([{ count: 1 }]);
    });
  });
});
