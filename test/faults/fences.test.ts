import { scopesOf } from '@assay/policy';
import { createPrincipalSigner, type Principal, type Role } from '@assay/principal';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../gateway/src/config.ts';
import { openSubgraphs, type Subgraphs } from '../../gateway/src/subgraphs.ts';
import { type Caller, codeOf } from '../../ops/demo/client.ts';
import { followToRest } from '../../ops/demo/follow.ts';
import { ISSUE_LICENSE, REQUEST_ACCESS } from '../../ops/demo/operations.ts';
import { upload } from '../../ops/demo/upload.ts';
import { environmentOf } from '../../ops/run/environment.ts';
import { adminUrl } from '../../ops/run/parts/postgres.ts';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { createLog } from '../../packages/telemetry/src/index.ts';
import { eicarInJpegTail } from '../fixtures/make.ts';
import { type Cast, castOf, openUpload, publish, ROCKET, readyAsset } from '../scenarios/cast.ts';
import { startSystem, type TestSystem } from '../system.ts';

// The composition root of this test: the subgraphs as they are, without graphql-shield. Nothing in the product can turn it off.
vi.mock('../../packages/subgraph/src/shield.ts', () => ({ guard: <Schema>(schema: Schema): Schema => schema }));

type SubgraphName = keyof Subgraphs['handlers'];
type Who = 'visitor' | 'stranger' | 'buyer' | 'moderator' | 'security';
/** An answer's data, or the code of its refusal. */
type Answer = { readonly data: Record<string, unknown> | null; readonly code: string | null };
type Ask = (who: Who, subgraph: SubgraphName, query: string) => Promise<Answer>;

interface Property {
  readonly private: string;
  readonly tenant: string;
  readonly awaiting: string;
  readonly quarantined: string;
  readonly licenseId: string;
  readonly sessionId: string;
  readonly requestId: string;
}

describe('with one fence off the tenants stay apart', () => {
  let system: TestSystem;
  let cast: Cast;
  let property: Property;
  beforeAll(async () => {
    system = await startSystem();
    cast = await castOf(system.ground);
    property = await settle(cast);
  });
  afterAll(() => system?.[Symbol.asyncDispose]());

  it('shield off: the subgraphs themselves, asked past the gateway', async () => {
    const env = environmentOf(system.ground, 'gateway');
    const config = parseConfig(env);
    const redis = new Redis(redisUrl(system.ground, 'gateway'), { enableReadyCheck: false });
    await using subgraphs = await openSubgraphs(config, env, redis, createLog('fences'));
    const principals = await principalsOf(cast);
    const ask: Ask = async (who, name, query) => {
      const principalToken = await createPrincipalSigner(config.principalKeys[name], name)(principals[who]);
      const { data, errors } = await subgraphs.handlers[name].execute({ query, principalToken });
      return { data: data ?? null, code: (errors?.[0]?.extensions['code'] as string | undefined) ?? null };
    };
    await verifyApart(ask, property);
    await verifyOwnAlone(ask, property);
    await verifyEntitiesApart(ask, property);
    await verifyUntouched(cast, property);
    redis.disconnect();
  });

  describe('row security off, in the whole system', () => {
    const ROLES = ['identity_app', 'media_app', 'media_moderator', 'licensing_app', 'compliance_app', 'audit_reader'];
    let admin: Client;
    beforeAll(async () => {
      admin = new Client({ connectionString: adminUrl(system.ground).replace(/\/postgres$/, '/assay') });
      await admin.connect();
      for (const role of ROLES) await admin.query(`alter role ${role} bypassrls`);
    });
    afterAll(() => admin?.end());

    const ask: Ask = async (who, _subgraph, query) =>
      cast[who].ask<Record<string, unknown>>(query).then(
        (data) => ({ data, code: null }),
        (error: unknown) => ({ data: null, code: codeOf(error) ?? String(error) }),
      );

    it('assets, the trail and requests for access', async () => {
      await verifyApart(ask, property);
      await verifyUntouched(cast, property);
    });

    // Known: `licenseReference` and `sessions` ask for rows by nothing but what row security leaves. This fails until they name whose.
    it.fails('licences and sessions', () => verifyOwnAlone(ask, property));
  });
});

const OUTSIDERS = ['visitor', 'stranger', 'buyer', 'security'] as const;

/** Nobody outside of the tenant reads or touches what is the author's. */
async function verifyApart(ask: Ask, { licenseId, sessionId, requestId, ...assets }: Property): Promise<void> {
  const leaks: string[] = [];
  const refused = async (who: Who, subgraph: SubgraphName, query: string) => {
    const { data, code } = await ask(who, subgraph, query);
    const said = Object.values(data ?? {}).some((value) => !isNothing(value));
    if (said || (query.startsWith('mutation') && code === null)) leaks.push(`${who} ${query} ${JSON.stringify(data)}`);
  };
  for (const who of OUTSIDERS) {
    for (const id of Object.values(assets)) {
      await refused(who, 'media', `{ asset(id: "${id}") { id title evidence { stage } } }`);
      for (const act of [
        `finalizeUpload(input: { assetId: "${id}", sha256: "${'0'.repeat(64)}" })`,
        `publishAsset(input: { assetId: "${id}", visibility: MARKETPLACE })`,
        `deleteAsset(input: { assetId: "${id}" })`,
        `moderateAsset(input: { assetId: "${id}", verdict: REJECT, reason: "x" })`,
      ]) {
        await refused(who, 'media', `mutation { ${act} { asset { id } } }`);
      }
      await refused(who, 'licensing', `mutation { createDownload(input: { assetId: "${id}" }) { url } }`);
      await refused(
        who,
        'licensing',
        `mutation { issueLicense(input: { assetId: "${id}", tenantId: "${id}" }) { key } }`,
      );
    }
    const { data } = await ask(who, 'media', '{ assets(first: 200) { edges { node { id } } } }');
    const listed = JSON.stringify(data);
    for (const id of Object.values(assets)) if (listed.includes(id)) leaks.push(`${who} lists ${id}`);
    await refused(who, 'media', '{ quarantine { edges { node { id } } } }');
    await refused(
      who,
      'identity',
      `mutation { revokeSession(input: { sessionId: "${sessionId}" }) { session { id } } }`,
    );
    await refused(who, 'compliance', '{ auditEntries { edges { node { actor } } } }');
    await refused(
      who,
      'compliance',
      `mutation { approvePrivilegedAccess(input: { requestId: "${requestId}" }) { request { id } } }`,
    );
    if (who === 'security') continue;
    await refused(who, 'compliance', '{ privilegedAccessRequests { edges { node { reason } } } }');
    await refused(
      who,
      'compliance',
      `mutation { revokePrivilegedAccess(input: { requestId: "${requestId}" }) { request { id } } }`,
    );
  }
  for (const id of [assets.private, assets.tenant, assets.awaiting]) {
    await refused('moderator', 'media', `{ asset(id: "${id}") { id } }`);
    await refused(
      'moderator',
      'media',
      `mutation { moderateAsset(input: { assetId: "${id}", verdict: RELEASE, reason: "x" }) { asset { id } } }`,
    );
  }
  expect(leaks).toEqual([]);
}

/** A licence is read by its two tenants, sessions by who signed in. */
async function verifyOwnAlone(ask: Ask, { licenseId, sessionId }: Property): Promise<void> {
  const leaks: string[] = [];
  for (const who of OUTSIDERS) {
    const { data } = await ask(who, 'licensing', `{ license(id: "${licenseId}") { id } }`);
    if (data?.['license']) leaks.push(`${who} reads the licence`);
    const sessions = await ask(who, 'identity', '{ sessions { id } }');
    if (JSON.stringify(sessions.data).includes(sessionId)) leaks.push(`${who} lists the author’s session`);
  }
  expect(leaks).toEqual([]);
}

/** The paths that only the gateway takes: shield's rules on Query alone would leave them open. */
async function verifyEntitiesApart(ask: Ask, { licenseId, ...ids }: Property): Promise<void> {
  const leaks: string[] = [];
  const entity = async (who: Who, subgraph: SubgraphName, type: string, id: string, fields: string) => {
    const query = `{ _entities(representations: [{ __typename: "${type}", id: "${id}" }]) { ... on ${type} { ${fields} } } }`;
    const { data } = await ask(who, subgraph, query);
    const [found] = (data?.['_entities'] ?? []) as (Record<string, unknown> | null)[];
    const said = Object.entries(found ?? {}).filter(([name, value]) => name !== 'id' && !isNothing(value));
    if (said.length > 0) leaks.push(`${who} ${query} ${JSON.stringify(found)}`);
  };
  for (const who of OUTSIDERS) {
    for (const id of [ids.private, ids.tenant, ids.awaiting, ids.quarantined]) {
      await entity(who, 'media', 'Asset', id, 'title sha256 evidence { stage } decision { verdict } preview { url }');
      await entity(who, 'licensing', 'Asset', id, 'licenses { edges { node { id } } }');
    }
    await entity(who, 'licensing', 'License', licenseId, 'seats keyHint');
  }
  expect(leaks).toEqual([]);
}

async function verifyUntouched(cast: Cast, property: Property): Promise<void> {
  const states = async (id: string) =>
    (
      await cast.author.ask<{ asset: { state: string; visibility: string } }>(
        `{ asset(id: "${id}") { state visibility } }`,
      )
    ).asset;
  expect(await states(property.private)).toEqual({ state: 'READY', visibility: 'PRIVATE' });
  expect(await states(property.tenant)).toEqual({ state: 'READY', visibility: 'TENANT' });
  expect(await states(property.awaiting)).toEqual({ state: 'AWAITING_UPLOAD', visibility: 'PRIVATE' });
  expect(await states(property.quarantined)).toEqual({ state: 'QUARANTINED', visibility: 'PRIVATE' });
}

/** What the author has, in each state that somebody else has no business with. */
async function settle({ author, security }: Cast): Promise<Property> {
  const [own, tenant] = await Promise.all([readyAsset(author), readyAsset(author)]);
  await publish(author, tenant, 'TENANT');
  const quarantined = await upload(author, { ...ROCKET, bytes: eicarInJpegTail() });
  await followToRest(author, quarantined, () => undefined);
  const { me } = await author.ask<{ me: { tenant: { id: string } } }>('{ me { tenant { id } } }');
  const { issueLicense } = await author.ask<{ issueLicense: { license: { id: string } } }>(ISSUE_LICENSE, {
    input: { assetId: own, tenantId: me.tenant.id },
  });
  const { sessions } = await author.ask<{ sessions: { id: string }[] }>('{ sessions { id } }');
  const asked = await security.ask<{ requestPrivilegedAccess: { request: { id: string } } }>(REQUEST_ACCESS, {
    input: { scope: 'AUDIT_READ', reason: 'Of the security team.', minutes: 1 },
  });
  return {
    private: own,
    tenant,
    awaiting: (await openUpload(author, ROCKET)).assetId,
    quarantined,
    licenseId: issueLicense.license.id,
    sessionId: sessions[0]?.id ?? '',
    requestId: asked.requestPrivilegedAccess.request.id,
  };
}

async function principalsOf(cast: Cast): Promise<Readonly<Record<Who, Principal>>> {
  const of = async (who: Who): Promise<[Who, Principal]> => [who, await principalOf(cast[who])];
  return Object.fromEntries(
    await Promise.all((['visitor', 'stranger', 'buyer', 'moderator', 'security'] as const).map(of)),
  ) as Record<Who, Principal>;
}

async function principalOf(caller: Caller): Promise<Principal> {
  const { me } = await caller.ask<{ me: { id: string; roles: string[]; tenant: { id: string } } | null }>(
    '{ me { id roles tenant { id } } }',
  );
  const roles = (me?.roles ?? []).map((role) => role.toLowerCase()) as Role[];
  return {
    subject: me?.id ?? null,
    tenantId: me?.tenant.id ?? null,
    roles,

    scopes: me ? scopesOf(roles, []) : ['storefront:read'],
    entitlements: [],
    tier: me ? 'STANDARD' : null,
    issuer: null,
    sessionId: null,
    acr: null,
    amr: [],
    authTime: null,
    expiresAt: null,
    risk: 0,
    address: null,
    requestId: 'fences',
  };
}

/** Null, an empty list, or an object of nothing else. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.every(isNothing);
  if (typeof value === 'object') return Object.values(value).every(isNothing);
  return false;
}
