import { scopesOf } from '@assay/policy';
import { createPrincipalSigner, type Principal, type Role } from '@assay/principal';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../gateway/src/config.ts';
import { startGateway } from '../../gateway/src/deps.ts';
import { openSubgraphs } from '../../gateway/src/subgraphs.ts';
import { type Caller, createCaller } from '../../ops/demo/client.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { environmentOf, urlsOf } from '../../ops/run/environment.ts';
import { adminUrl } from '../../ops/run/parts/postgres.ts';
import { createLog } from '../../packages/telemetry/src/index.ts';
import { type Cast, castOf } from '../scenarios/cast.ts';
import { startSystem, type TestSystem } from '../system.ts';
import {
  type Ask,
  type Property,
  settle,
  verifyApart,
  verifyEntitiesApart,
  verifyOwnAlone,
  verifyPeopleApart,
  verifyUntouched,
  type Who,
} from './property.ts';

// The composition root of this test: what stands in this process can be told to do without a fence. Nothing in the product can.
const fences = vi.hoisted(() => ({ shield: true, scopes: true }));
vi.mock('../../packages/subgraph/src/shield.ts', async (original) => {
  const { guard } = await original<typeof import('../../packages/subgraph/src/shield.ts')>();
  return { guard: (...args: Parameters<typeof guard>) => (fences.shield ? guard(...args) : args[0]) };
});
vi.mock('../../gateway/src/engine/access/needs.ts', async (original) => {
  const { readNeeds } = await original<typeof import('../../gateway/src/engine/access/needs.ts')>();
  return {
    readNeeds: (...args: Parameters<typeof readNeeds>) => (fences.scopes ? readNeeds(...args) : { of: () => [] }),
  };
});

type Speakers = Readonly<Record<Who, Caller>>;

/** What a gateway says, whole: an answer with errors may tell something all the same. */
const askBy =
  (speakers: Speakers): Ask =>
  async (who, _subgraph, query) => {
    try {
      return { data: await speakers[who].ask<Record<string, unknown>>(query), code: null };
    } catch (error) {
      const { data = null, errors } = refusalOf(error);
      return { data, code: errors?.[0]?.extensions?.code ?? String(error) };
    }
  };

interface Refusal {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

function refusalOf(error: unknown): Refusal {
  return (error as { readonly response?: Refusal }).response ?? {};
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
  afterEach(() => Object.assign(fences, { shield: true, scopes: true }));
  afterAll(() => system?.[Symbol.asyncDispose]());

  it('gateway scopes off: the whole gateway, which cuts nothing out of an operation', async () => {
    fences.scopes = false;
    const env = { ...environmentOf(system.ground, 'gateway'), ASSAY_PORT: '0', ASSAY_METRICS_PORT: '0' };
    await using gateway = await startGateway(parseConfig(env), env);
    const speakers = await speakersAt(system, gateway.url);
    // Who refuses is told by the words: with the fence it is the gateway, without it the subgraph.
    const words = (caller: Caller) =>
      caller
        .ask('{ quarantine { edges { node { id } } } }')
        .catch((error: unknown) => refusalOf(error).errors?.[0]?.message);
    expect(await words(cast.stranger)).toBe('This field asks for rights that you do not have.');
    expect(await words(speakers.stranger)).toBe('Your roles do not include what this needs (media:admin).');
    const ask = askBy(speakers);
    await verifyApart(ask, property);
    await verifyOwnAlone(ask, property);
    await verifyPeopleApart(ask, property);
    await verifyUntouched(cast, property);
  });

  it('shield off: the subgraphs themselves, asked past the gateway', async () => {
    fences.shield = false;
    const env = environmentOf(system.ground, 'gateway');
    const config = parseConfig(env);
    await using subgraphs = await openSubgraphs(config, env, createLog('fences'));
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
  });

  describe('row security off, in the whole system', () => {
    const ROLES = ['identity_app', 'media_app', 'media_moderator', 'licensing_app', 'compliance_app', 'audit_reader'];
    let admin: Client;
    let ask: Ask;
    beforeAll(async () => {
      admin = new Client({ connectionString: adminUrl(system.ground).replace(/\/postgres$/, '/assay') });
      await admin.connect();
      for (const role of ROLES) await admin.query(`alter role ${role} bypassrls`);
      ask = askBy(cast);
    });
    afterAll(() => admin?.end());

    it('assets, the trail and requests for access', async () => {
      await verifyApart(ask, property);
      await verifyUntouched(cast, property);
    });

    it('licences and sessions', () => verifyOwnAlone(ask, property));

    it('people and tenants', () => verifyPeopleApart(ask, property));

    it('what another officer asked for', async () => {
      await admin.query(
        `insert into compliance.access_request (scope, requester, reason, minutes) values ('AUDIT_READ', uuidv7(), 'Of another officer.', 1)`,
      );
      const { data } = await ask(
        'security',
        'compliance',
        '{ privilegedAccessRequests(first: 200) { edges { node { reason } } } }',
      );
      expect(JSON.stringify(data)).toContain('Of the security team.');
      expect(JSON.stringify(data)).not.toContain('Of another officer.');
    });

    it('the moderation preview, of what is not in quarantine and to who is no moderator', async () => {
      const look = async (email: string, id: string) => {
        const authorization = `Bearer ${await tokenOf(system.ground, email)}`;
        const url = `${urlsOf(system.ground).gateway}/moderation/preview/${id}`;
        return (await fetch(url, { headers: { authorization } })).status;
      };
      const { private: own, tenant, awaiting, quarantined } = property;
      for (const id of [own, tenant, awaiting]) expect(await look(ACCOUNTS.moderator, id)).toBe(404);
      for (const email of [ACCOUNTS.stranger, ACCOUNTS.buyer, ACCOUNTS.security])
        for (const id of [own, quarantined]) expect(await look(email, id)).toBe(403);
    });
  });
});

const ACCOUNTS: Readonly<Record<Exclude<Who, 'visitor'>, string>> = {
  stranger: 'author@tidepool.test',
  buyer: 'buyer@tidepool.test',
  moderator: 'platform@assay.test',
  security: 'security@assay.test',
};

/** The same accounts at another gateway. */
async function speakersAt({ ground }: TestSystem, url: string): Promise<Speakers> {
  const door = `${url}/graphql`;
  const at = async (email: string) => createCaller(door, email, await tokenOf(ground, email));
  const [stranger, buyer, moderator, security] = await Promise.all([
    at(ACCOUNTS.stranger),
    at(ACCOUNTS.buyer),
    at(ACCOUNTS.moderator),
    at(ACCOUNTS.security),
  ]);
  return { visitor: createCaller(door, 'nobody', null), stranger, buyer, moderator, security };
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
