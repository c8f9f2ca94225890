import { verifyFences, withTenant } from '@assay/database';
import { anonymous, type Principal } from '@assay/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../ops/run/parts/database.ts';
import { type Database, openDatabase, type Transaction } from '../src/adapters/database.ts';
import { DEMO_ACCOUNTS, DEMO_TENANTS, seedDemo } from '../src/seed.ts';
import { accountOf, type House, startHouse } from './house.ts';

const author = principalOf('author@northlight.test');
const admin = principalOf('admin@northlight.test');
const stranger = principalOf('buyer@tidepool.test');
const visitor = anonymous('r', null);

function principalOf(email: string): Principal {
  const { id, tenantId, roles } = accountOf(email);
  return { ...anonymous('r', null), subject: id, tenantId, roles };
}

describe('rows of identity', () => {
  let house: House;
  let app: Database;
  let provider: Database;

  beforeAll(async () => {
    house = await startHouse();
    app = openDatabase(databaseUrl(house.parts.ground, 'identity_app'), 3);
    provider = openDatabase(databaseUrl(house.parts.ground, 'identity_provider'), 3);
  });
  afterAll(async () => {
    await app.$disconnect();
    await provider.$disconnect();
    await house[Symbol.asyncDispose]();
  });

  it.each(['identity_app', 'identity_provider', 'identity_system'] as const)('are fenced for %s', async (role) => {
    await expect(verifyFences(databaseUrl(house.parts.ground, role))).resolves.toBeUndefined();
  });

  it('hold no name and no address that could be read', async () => {
    const tables = [
      'account',
      'account_key',
      'account_email',
      'credential',
      'session',
      'login_attempt',
      'provider_record',
    ];
    const dumps = await Promise.all(
      tables.map((table) =>
        house.eyes.$queryRawUnsafe<{ row: string }[]>(`select t::text as row from identity.${table} t`),
      ),
    );
    const everything = dumps
      .flat()
      .map(({ row }) => row)
      .join('\n');
    expect(everything).toContain(accountOf('author@northlight.test').id);
    for (const { email, displayName } of DEMO_ACCOUNTS) {
      for (const secret of [email, displayName, house.passwordOf(email)]) {
        expect(everything).not.toContain(secret);
        expect(everything).not.toContain(Buffer.from(secret).toString('hex'));
      }
    }
  });

  it('are seeded once, however often', async () => {
    const count = () => house.eyes.$queryRaw`select (select count(*) from identity.account) as accounts,
      (select count(*) from identity.tenant) as tenants, (select max(changed_at) from identity.credential) as changed`;
    const before = await count();
    await seedDemo({
      databaseUrl: databaseUrl(house.parts.ground, 'identity_system'),
      issuer: house.issuer,
      keyringKey: house.keys.keyring,
      indexKey: house.keys.index,
      passwordOf: house.passwordOf,
    });
    expect(await count()).toEqual(before);
    expect(before).toMatchObject([{ accounts: 7n, tenants: 3n }]);
  });

  const seen = (principal: Principal, ask: (tx: Transaction) => Promise<readonly unknown[]>) =>
    withTenant(app, principal, async (tx) => (await ask(tx)).length);

  it.each([
    ['accounts', (tx: Transaction) => tx.account.findMany(), { author: 3, admin: 3, stranger: 2, visitor: 0 }],
    ['addresses', (tx: Transaction) => tx.accountEmail.findMany(), { author: 1, admin: 3, stranger: 1, visitor: 0 }],
    ['tiers', (tx: Transaction) => tx.tenant.findMany(), { author: 1, admin: 1, stranger: 1, visitor: 0 }],
    [
      'cards of users',
      (tx: Transaction) => tx.accountCard.findMany(),
      { author: 7, admin: 7, stranger: 7, visitor: 7 },
    ],
    [
      'cards of tenants',
      (tx: Transaction) => tx.tenantCard.findMany(),
      { author: 3, admin: 3, stranger: 3, visitor: 3 },
    ],
  ])('show of %s what is one’s own', async (_what, ask, expected) => {
    expect({
      author: await seen(author, ask),
      admin: await seen(admin, ask),
      stranger: await seen(stranger, ask),
      visitor: await seen(visitor, ask),
    }).toEqual(expected);
  });

  it('show an address to nobody of another tenant, be it an admin', async () => {
    const foreign = { ...admin, tenantId: DEMO_TENANTS.tidepool.id };
    const rows = await withTenant(app, foreign, (tx) => tx.accountEmail.findMany());
    expect(rows.map(({ tenantId }) => tenantId)).toEqual([DEMO_TENANTS.tidepool.id, DEMO_TENANTS.tidepool.id]);
  });

  it('show sessions to their owner alone', async () => {
    const mine = await withTenant(app, visitor, (tx) => beginSession(tx, 'author@northlight.test', 'sid-rows'));
    expect(mine).toHaveLength(1);
    const count = (principal: Principal) => seen(principal, (tx) => tx.session.findMany());
    expect([await count(author), await count(admin), await count(stranger), await count(visitor)]).toEqual([
      1, 0, 0, 0,
    ]);
    await expect(withTenant(app, author, (tx) => tx.$queryRaw`select sid from identity.session`)).rejects.toThrow();
    await expect(
      withTenant(app, author, (tx) => tx.$queryRaw`select cookie_hash from identity.session`),
    ).rejects.toThrow();
  });

  const beginSession = (tx: Transaction, email: string, sid: string) => {
    const soon = new Date(Date.now() + 3_600_000);
    return tx.$queryRaw<unknown[]>`select * from identity.principal_of(${house.issuer}, ${accountOf(email).id}, ${sid},
      now(), ${soon}::timestamptz, null, array[]::text[], 'test')`;
  };

  it.each([
    'select * from identity.credential',
    'select * from identity.account_key',
    'select issuer from identity.account',
    'select entitlements from identity.tenant',
    `update identity.account set roles = '{admin}'`,
    `insert into identity.session (tenant_id, account_id, issuer, sid, authenticated_at, expires_at)
      select tenant_id, id, 'x', 'x', now(), now() from identity.account`,
    'update identity.session set ended_at = null',
    'delete from identity.session',
    `select * from identity.find_account('\\x00')`,
    `select identity.begin_session(null, null, null, null, null, null, null, null)`,
    'select * from identity.provider_record',
    'set local role identity_accounts',
  ])('refuse the gateway: %s', async (sql) => {
    await expect(withTenant(app, admin, (tx) => tx.$queryRawUnsafe(sql))).rejects.toThrow(
      /permission denied|must be able/i,
    );
  });

  it.each([
    'select * from identity.account',
    'select * from identity.account_email',
    'select * from identity.account_card',
    'select * from identity.credential',
    'select * from identity.session',
    'select * from identity.tenant',
    'select * from identity.login_attempt',
    `select * from identity.principal_of('', '', '', now(), now(), null, '{}', '')`,
    'select * from compliance.audit_entry',
  ])('refuse the provider: %s', async (sql) => {
    await expect(withTenant(provider, admin, (tx) => tx.$queryRawUnsafe(sql))).rejects.toThrow(/permission denied/i);
  });

  it('tell the provider an id and a hash, for the right index only', async () => {
    const [{ email_index: index }] = (await house.eyes.$queryRaw`select email_index from identity.account_email
      where account_id = ${author.subject}::uuid`) as [{ email_index: Uint8Array<ArrayBuffer> }];
    const found = await withTenant(
      provider,
      visitor,
      (tx) => tx.$queryRaw`select * from identity.find_account(${index})`,
    );
    expect(found).toEqual([
      { id: author.subject, password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) },
    ]);
    const other = new Uint8Array(32);
    expect(
      await withTenant(provider, visitor, (tx) => tx.$queryRaw`select * from identity.find_account(${other})`),
    ).toEqual([]);
  });

  it('of sessions that were over for 90 days go, twenty with each sign-in; what ended since keeps its tokens dead', async () => {
    const { subject, tenantId } = author;
    const keep = (name: string, count: number, expired: string, ended: string | null) =>
      house.eyes.$executeRaw`insert into identity.session
          (tenant_id, account_id, issuer, sid, authenticated_at, expires_at, ended_at, end_reason)
        select ${tenantId}::uuid, ${subject}::uuid, 'old', ${name} || n, now() - interval '1 year', now() - ${expired}::interval,
          now() - ${ended}::interval, case when ${ended}::text is not null then 'REVOKED' end
        from generate_series(1, ${count}::integer) n`;
    const left = async () => {
      const rows = await house.eyes.$queryRaw<{ name: string; count: number }[]>`
        select rtrim(sid, '0123456789') as name, count(*)::integer from identity.session where issuer = 'old' group by 1`;
      return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
    };
    const begin = (sid: string) => withTenant(app, visitor, (tx) => beginSession(tx, 'author@northlight.test', sid));
    const trail = async () => (await house.eyes.$queryRaw<unknown[]>`select 1 from compliance.audit_entry`).length;
    await keep('ended lately', 1, '200 days', '89 days');
    await keep('expired lately', 1, '89 days', null);
    // Whoever puts a session there makes room for it: 20 of these are gone at once.
    await keep('old', 45, '91 days', null);
    const entries = await trail();
    expect(await left()).toEqual({ 'ended lately': 1, 'expired lately': 1, old: 25 });
    await begin('makes room');
    expect(await left()).toEqual({ 'ended lately': 1, 'expired lately': 1, old: 5 });
    await begin('makes room');
    expect(await left()).toMatchObject({ old: 5 });
    await begin('makes more room');
    expect(await left()).toEqual({ 'ended lately': 1, 'expired lately': 1 });
    expect(await trail()).toBe(entries + 2);
  });
});
