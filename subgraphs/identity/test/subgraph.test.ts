import { withTenant } from '@assay/database';
import { scopesOf } from '@assay/policy';
import { anonymous, createPrincipalSigner, createPrincipalVerifier, type Principal } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../ops/run/parts/database.ts';
import { type Database, openDatabase } from '../src/adapters/database.ts';
import { createKeyring, createSqlSessions, createSubgraphHandler, type Sessions } from '../src/index.ts';
import { accountOf, type House, startHouse } from './house.ts';

const key = Buffer.alloc(32, 7).toString('base64url');
const sign = createPrincipalSigner(key, 'identity');
const visitor = { requestId: 'request-1', address: '203.0.113.0/24', userAgent: 'Test/1.0' };

describe('identity, asked', () => {
  let house: House;
  let database: Database;
  let subgraph: SubgraphHandler;
  let sessions: Sessions;
  let woken: string[] = [];
  const failed: unknown[] = [];

  beforeAll(async () => {
    house = await startHouse();
    database = openDatabase(databaseUrl(house.parts.ground, 'identity_app'), 5);
    const wake = async (id: string) => void woken.push(id);
    sessions = createSqlSessions(database, wake);
    subgraph = await createSubgraphHandler({
      database,
      keyring: createKeyring(house.keys.keyring),
      wake,
      verifyPrincipal: createPrincipalVerifier(key, 'identity'),
      report: (_id, error) => failed.push(error),
    });
  });
  afterAll(async () => {
    expect(failed).toEqual([]);
    await database.$disconnect();
    await house[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    woken = [];
  });

  const principalOf = (email: string, sessionId: string | null = null): Principal => {
    const { id, tenantId, roles } = accountOf(email);
    return {
      ...anonymous('request-1', visitor.address),
      subject: id,
      tenantId,
      roles,
      sessionId,
      scopes: scopesOf(roles, []),
    };
  };
  const ask = async (query: string, principal: Principal, variables: Record<string, unknown> = {}) =>
    subgraph.execute({ query, variables, principalToken: await sign(principal) });
  const signIn = async (email: string, sid: string) => {
    const now = Math.floor(Date.now() / 1000);
    const proof = {
      issuer: house.issuer,
      subject: accountOf(email).id,
      sid,
      authTime: now,
      expiresAt: now + 3600,
      acr: null,
      amr: ['pwd'],
    };
    const facts = await sessions.ofBearer(proof, visitor);
    if (!facts) throw new Error('no session');
    return { proof, facts };
  };

  const author = 'author@northlight.test';
  const everything = 'id displayName handle email roles tenant { id slug name tier }';

  it('says who one is, with everything of one’s own', async () => {
    expect((await ask(`{ me { ${everything} } }`, principalOf(author))).data).toEqual({
      me: {
        id: accountOf(author).id,
        displayName: 'Nora Author',
        handle: 'northlight-author',
        email: author,
        roles: ['AUTHOR'],
        tenant: { id: accountOf(author).tenantId, slug: 'northlight', name: 'Northlight Pictures', tier: 'ENTERPRISE' },
      },
    });
  });

  it('says to a visitor that nobody is signed in', async () => {
    expect(await ask('{ me { id } }', anonymous('r', null))).toEqual({ data: { me: null } });
  });

  it.each([
    ['a visitor', null, { email: null, roles: [], tier: 'STANDARD' }],
    ['another tenant’s author', 'author@tidepool.test', { email: null, roles: [], tier: 'STANDARD' }],
    ['the platform’s admin', 'platform@assay.test', { email: null, roles: [], tier: 'STANDARD' }],
    ['a colleague', 'reviewer@northlight.test', { email: null, roles: ['AUTHOR'], tier: 'ENTERPRISE' }],
    ['the tenant’s admin', 'admin@northlight.test', { email: author, roles: ['AUTHOR'], tier: 'ENTERPRISE' }],
    ['the user', author, { email: author, roles: ['AUTHOR'], tier: 'ENTERPRISE' }],
  ])('shows a user to %s as far as it may', async (_who, email, { tier, ...expected }) => {
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { ${everything} } } }`;
    const viewer = email === null ? anonymous('r', null) : principalOf(email);
    const answer = await ask(query, viewer, { r: [{ __typename: 'User', id: accountOf(author).id }] });
    expect(answer).toEqual({
      data: {
        _entities: [
          {
            id: accountOf(author).id,
            displayName: 'Nora Author',
            handle: 'northlight-author',
            tenant: { id: accountOf(author).tenantId, slug: 'northlight', name: 'Northlight Pictures', tier },
            ...expected,
          },
        ],
      },
    });
  });

  it('answers null for users and tenants that do not exist, and for ids that are none', async () => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
    const ids = ['018f0000-0000-7000-8000-000000000000', "' or 1=1 --", ''];
    const r = ids.flatMap((id) => [
      { __typename: 'User', id },
      { __typename: 'Tenant', id },
    ]);
    expect(await ask(query, principalOf(author), { r })).toEqual({ data: { _entities: r.map(() => null) } });
  });

  it('lists one’s own sessions, and which of them this is', async () => {
    const first = await signIn(author, 'sid-list-1');
    const second = await signIn(author, 'sid-list-2');
    await signIn('reviewer@northlight.test', 'sid-list-3');
    const query = '{ sessions { id current userAgent address createdAt lastSeenAt expiresAt endedAt } }';
    const answer = await ask(query, principalOf(author, second.facts.sessionId));
    expect(answer.errors).toBeUndefined();
    expect(answer.data?.['sessions']).toMatchObject([
      { id: second.facts.sessionId, current: true, userAgent: 'Test/1.0', address: '203.0.113.0/24', endedAt: null },
      { id: first.facts.sessionId, current: false },
    ]);
    const refused = await ask('{ sessions { id } }', anonymous('r', null));
    expect(refused.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect(refused.data).toEqual({ sessions: null });
  });

  const revoke = 'mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { session { id endedAt current } } }';

  it('ends a session, once, and wakes whoever holds something of it', async () => {
    const { proof, facts } = await signIn(author, 'sid-revoke');
    const me = principalOf(author, facts.sessionId);
    const ended = await ask(revoke, me, { id: facts.sessionId });
    expect(ended).toMatchObject({
      data: { revokeSession: { session: { id: facts.sessionId, current: true, endedAt: expect.any(String) } } },
    });
    expect(woken).toEqual([facts.sessionId]);
    expect(await ask(revoke, me, { id: facts.sessionId })).toEqual(ended);
    expect(await sessions.ofBearer(proof, visitor)).toBeNull();
    expect(await sessions.live([facts.sessionId])).toEqual(new Set());
    const entries = await house.eyes.$queryRaw`select action, actor, tenant_id::text, outcome, address, request_id
      from compliance.audit_entry where subject = ${facts.sessionId} order by at`;
    const { id, tenantId } = accountOf(author);
    const common = {
      actor: id,
      tenant_id: tenantId,
      outcome: 'OK',
      address: '203.0.113.0/24',
      request_id: 'request-1',
    };
    expect(entries).toEqual([
      { action: 'session.login', ...common },
      { action: 'session.revoke', ...common },
    ]);
  });

  it('knows nothing of sessions of others', async () => {
    const { proof, facts } = await signIn(author, 'sid-others');
    for (const email of ['admin@northlight.test', 'author@tidepool.test', 'platform@assay.test']) {
      const answer = await ask(revoke, principalOf(email), { id: facts.sessionId });
      expect(answer.errors?.[0]).toMatchObject({
        message: 'There is no such session.',
        extensions: { code: 'NOT_FOUND' },
      });
    }
    const never = await ask(revoke, principalOf(author), { id: '018f0000-0000-7000-8000-000000000000' });
    expect(never.errors?.[0]).toMatchObject({
      message: 'There is no such session.',
      extensions: { code: 'NOT_FOUND' },
    });
    expect((await ask(revoke, principalOf(author), { id: 'nonsense' })).errors?.[0]?.extensions['code']).toBe(
      'NOT_FOUND',
    );
    expect(await sessions.ofBearer(proof, visitor)).toMatchObject({ sessionId: facts.sessionId });
    expect(woken).toEqual([]);
  });

  it('begins one session a sid, however many requests come first at once', async () => {
    const now = Math.floor(Date.now() / 1000);
    const proof = {
      issuer: house.issuer,
      subject: accountOf(author).id,
      sid: 'sid-race',
      authTime: now,
      expiresAt: now + 60,
      acr: null,
      amr: [],
    };
    const found = await Promise.all(Array.from({ length: 8 }, () => sessions.ofBearer(proof, visitor)));
    expect(new Set(found.map((facts) => facts?.sessionId)).size).toBe(1);
    const entries = await house.eyes
      .$queryRaw`select from compliance.audit_entry where subject = ${found[0]?.sessionId}`;
    expect(entries).toHaveLength(1);
  });

  it('takes a sid again after its end only for somebody who signed in again', async () => {
    const { proof, facts } = await signIn(author, 'sid-again');
    await ask(revoke, principalOf(author), { id: facts.sessionId });
    expect(await sessions.ofBearer(proof, visitor)).toBeNull();
    const again = { ...proof, authTime: proof.authTime + 2, expiresAt: proof.expiresAt + 2 };
    const fresh = await sessions.ofBearer(again, visitor);
    expect(fresh?.sessionId).not.toBe(facts.sessionId);
    expect(fresh).not.toBeNull();
    // The old token stays dead beside the new one.
    expect(await sessions.ofBearer(proof, visitor)).toBeNull();
  });

  it('gives nobody the session of another account, whatever sid the token names', async () => {
    const { proof } = await signIn(author, 'sid-shared');
    const foreign = { ...proof, subject: accountOf('buyer@tidepool.test').id };
    expect(await sessions.ofBearer(foreign, visitor)).toBeNull();
    expect(await sessions.ofBearer({ ...proof, issuer: 'http://127.0.0.2:1' }, visitor)).toBeNull();
    expect(await sessions.ofBearer({ ...proof, subject: author }, visitor)).toBeNull();
  });

  it('keeps the principal’s facts from the table, not from the token', async () => {
    const { facts } = await signIn(author, 'sid-facts');
    expect(facts).toMatchObject({
      subject: accountOf(author).id,
      tenantId: accountOf(author).tenantId,
      roles: ['author'],
      tier: 'ENTERPRISE',
      entitlements: ['AI'],
      amr: ['pwd'],
    });
  });

  it('forgets an erased account', async () => {
    const actor = { system: 'system:test', tenantId: null, requestId: 'r' } as const;
    const system = openDatabase(databaseUrl(house.parts.ground, 'identity_system'), 1);
    const { id } = accountOf('reviewer@northlight.test');
    const { proof } = await signIn('reviewer@northlight.test', 'sid-erased');
    await withTenant(system, actor, async (tx) => {
      await tx.$executeRaw`delete from identity.account_key where account_id = ${id}::uuid`;
      await tx.$executeRaw`update identity.account set erased_at = now() where id = ${id}::uuid`;
    });
    await system.$disconnect();
    expect(await sessions.ofBearer(proof, visitor)).toBeNull();
    expect(await ask('{ me { id } }', principalOf('reviewer@northlight.test'))).toEqual({ data: { me: null } });
  });
});
