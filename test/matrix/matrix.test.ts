import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Permission, permissions } from '@assay/policy';
import { buildSchema, isObjectType, parse } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { readNeeds } from '../../gateway/src/engine/access/needs.ts';
import { typesOf } from '../../gateway/src/engine/public-schema.ts';
import { type Caller, codeOf, createCaller } from '../../ops/demo/client.ts';
import { followToRest } from '../../ops/demo/follow.ts';
import { upload } from '../../ops/demo/upload.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { eicarInJpegTail, photograph } from '../fixtures/make.ts';
import { sharedGround } from '../ground.ts';
import { callerOf } from '../system.ts';
import { ACCOUNT, MATRIX, WHO, type Who } from './expectations.ts';

const ground = sharedGround();
const UNKNOWN = '01977a00-0000-7000-8000-00000000dead';

interface Stage {
  readonly callers: Readonly<Record<Who, Caller>>;
  readonly assets: {
    readonly private: string;
    readonly tenant: string;
    readonly marketplace: string;
    readonly quarantined: string;
    readonly opinion: string;
  };
  readonly licenseId: string;
  readonly licenseKey: string;
  readonly buyerTenant: string;
  /** Live sessions, of which everybody has one that is another's. */
  readonly sessions: Readonly<Record<'author' | 'reviewer', string>>;
  readonly openUpload: string;
}

/** How each line of the table is asked; the answer is the part that the line is about. */
const OPERATIONS: Readonly<Record<string, (stage: Stage, who: Who) => { query: string; path: string }>> = {
  'asset: marketplace': ({ assets }) => ({ query: `{ asset(id: "${assets.marketplace}") { id } }`, path: 'asset' }),
  'asset: tenant, READY': ({ assets }) => ({ query: `{ asset(id: "${assets.tenant}") { id } }`, path: 'asset' }),
  'asset: private, READY': ({ assets }) => ({ query: `{ asset(id: "${assets.private}") { id } }`, path: 'asset' }),
  'asset: quarantined': ({ assets }) => ({ query: `{ asset(id: "${assets.quarantined}") { id } }`, path: 'asset' }),
  'evidence: marketplace': ({ assets }) => ({
    query: `{ asset(id: "${assets.marketplace}") { evidence { stage } } }`,
    path: 'asset.evidence',
  }),
  'decision: marketplace': ({ assets }) => ({
    query: `{ asset(id: "${assets.marketplace}") { decision { verdict } } }`,
    path: 'asset.decision',
  }),
  'events: marketplace': ({ assets }) => ({
    query: `{ asset(id: "${assets.marketplace}") { events { edges { cursor } } } }`,
    path: 'asset.events.edges',
  }),
  'sha256: marketplace': ({ assets }) => ({
    query: `{ asset(id: "${assets.marketplace}") { sha256 } }`,
    path: 'asset.sha256',
  }),
  'moderationPreview: opinion': ({ assets }) => ({
    query: `{ asset(id: "${assets.opinion}") { moderationPreview { url } } }`,
    path: 'asset.moderationPreview',
  }),
  me: () => ({ query: '{ me { id } }', path: 'me' }),
  sessions: () => ({ query: '{ sessions { id } }', path: 'sessions' }),
  license: ({ licenseId }) => ({ query: `{ license(id: "${licenseId}") { id } }`, path: 'license' }),
  'asset.licenses': ({ assets }) => ({
    query: `{ asset(id: "${assets.marketplace}") { licenses { edges { cursor } } } }`,
    path: 'asset.licenses.edges',
  }),
  createUpload: () => ({
    query:
      'mutation { createUpload(input: { title: "x", fileName: "x.png", contentType: "image/png", sizeBytes: 10 }) { asset { id } } }',
    path: 'createUpload',
  }),
  'finalizeUpload: another’s': ({ openUpload }) => ({
    query: `mutation { finalizeUpload(input: { assetId: "${openUpload}", sha256: "${'0'.repeat(64)}" }) { asset { id } } }`,
    path: 'finalizeUpload',
  }),
  'publishAsset: marketplace': ({ assets }) => ({
    query: `mutation { publishAsset(input: { assetId: "${assets.marketplace}", visibility: MARKETPLACE }) { asset { id } } }`,
    path: 'publishAsset',
  }),
  'publishAsset: private': ({ assets }) => ({
    query: `mutation { publishAsset(input: { assetId: "${assets.private}", visibility: PRIVATE }) { asset { id } } }`,
    path: 'publishAsset',
  }),
  'deleteAsset: quarantined': ({ assets }) => ({
    query: `mutation { deleteAsset(input: { assetId: "${assets.quarantined}" }) { asset { id } } }`,
    path: 'deleteAsset',
  }),
  'moderateAsset: marketplace, RELEASE': ({ assets }) => moderation(assets.marketplace, 'RELEASE'),
  'moderateAsset: malware, RELEASE': ({ assets }) => moderation(assets.quarantined, 'RELEASE'),
  'moderateAsset: malware, RETRY': ({ assets }) => moderation(assets.quarantined, 'RETRY'),
  quarantine: () => ({ query: '{ quarantine { edges { cursor } } }', path: 'quarantine' }),
  issueLicense: ({ assets, buyerTenant }) => ({
    query: `mutation { issueLicense(input: { assetId: "${assets.marketplace}", tenantId: "${buyerTenant}" }) { license { id } } }`,
    path: 'issueLicense',
  }),
  'createDownload: no key': ({ assets }) => ({
    query: `mutation { createDownload(input: { assetId: "${assets.marketplace}" }) { url } }`,
    path: 'createDownload',
  }),
  'createDownload: the buyer’s key': ({ assets, licenseKey }) => ({
    query: `mutation { createDownload(input: { assetId: "${assets.marketplace}", licenseKey: "${licenseKey}" }) { url } }`,
    path: 'createDownload',
  }),
  requestPrivilegedAccess: () => ({
    query:
      'mutation { requestPrivilegedAccess(input: { scope: AUDIT_READ, reason: "x", minutes: 1 }) { request { id } } }',
    path: 'requestPrivilegedAccess',
  }),
  privilegedAccessRequests: () => ({
    query: '{ privilegedAccessRequests { edges { cursor } } }',
    path: 'privilegedAccessRequests',
  }),
  'approvePrivilegedAccess: unknown': () => ({
    query: `mutation { approvePrivilegedAccess(input: { requestId: "${UNKNOWN}" }) { request { id } } }`,
    path: 'approvePrivilegedAccess',
  }),
  'revokePrivilegedAccess: unknown': () => ({
    query: `mutation { revokePrivilegedAccess(input: { requestId: "${UNKNOWN}" }) { request { id } } }`,
    path: 'revokePrivilegedAccess',
  }),
  'auditEntries: no grant': () => ({ query: '{ auditEntries { edges { cursor } } }', path: 'auditEntries' }),
  'revokeSession: another’s': ({ sessions }, who) => ({
    query: `mutation { revokeSession(input: { sessionId: "${who === 'author' ? sessions.reviewer : sessions.author}" }) { session { id } } }`,
    path: 'revokeSession',
  }),
};

function moderation(id: string, verdict: string) {
  return {
    query: `mutation { moderateAsset(input: { assetId: "${id}", verdict: ${verdict}, reason: "x" }) { asset { id } } }`,
    path: 'moderateAsset',
  };
}

describe('who may do what', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await setTheStage();
  });

  it.each(
    Object.entries(MATRIX).flatMap(([line, expected]) => WHO.map((who, at) => [line, who, expected[at]] as const)),
  )('%s as %s: %s', async (line, who, expected) => {
    const operation = OPERATIONS[line]?.(stage, who);
    if (!operation) throw new Error(`Nobody asks ${line}.`);
    expect(await answerOf(stage.callers[who], operation)).toBe(expected);
  });

  it('never tells that an asset exists: a guessed id and a hidden one are answered alike', async () => {
    for (const who of ['anonymous', 'buyer', 'stranger', 'security'] as const) {
      const [hidden, guessed] = await Promise.all(
        [stage.assets.private, UNKNOWN].map((id) =>
          outcome(stage.callers[who], `mutation { deleteAsset(input: { assetId: "${id}" }) { asset { id } } }`),
        ),
      );
      expect(hidden).toBe(guessed);
    }
  });

  it('has an entry in the permission table for every field of the schema, and no entry for anything else', () => {
    const sdl = readFileSync(fileURLToPath(new URL('../../codegen/schema.graphql', import.meta.url)), 'utf8');
    const fields = Object.values(buildSchema(sdl).getTypeMap()).flatMap((type) =>
      isObjectType(type) && !type.name.startsWith('__')
        ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
        : [],
    );
    expect(Object.keys(permissions).sort()).toEqual(fields.sort());
  });

  it('asks in the supergraph, of every field, for what the table asks', () => {
    const supergraph = parse(
      readFileSync(fileURLToPath(new URL('../../codegen/supergraph.graphql', import.meta.url)), 'utf8'),
    );
    const needs = readNeeds(supergraph, typesOf(supergraph).schema);
    const asked = Object.keys(permissions).map((name) => {
      const [type = '', field = ''] = name.split('.');
      return [name, needs.of(type, field)];
    });
    const whole = ({ scope, policies = [] }: Permission) => [
      ...(scope === 'storefront:read'
        ? []
        : [[[{ kind: 'authenticated', name: '' }]], [[{ kind: 'scope', name: scope }]]]),
      ...(policies.length === 0 ? [] : [[policies.map((name) => ({ kind: 'policy', name }))]]),
    ];
    expect(Object.fromEntries(asked)).toEqual(
      Object.fromEntries(Object.entries(permissions).map(([name, entry]) => [name, whole(entry)])),
    );
  });
});

async function answerOf(caller: Caller, { query, path }: { query: string; path: string }): Promise<string> {
  try {
    const data = await caller.ask<Record<string, unknown>>(query);
    const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], data);
    if (value === null || value === undefined) return 'null';
    return Array.isArray(value) && value.length === 0 ? 'none' : 'ok';
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

async function outcome(caller: Caller, query: string): Promise<string> {
  return caller
    .ask(query)
    .then(JSON.stringify, (error: { response?: { errors?: { message: string }[] } }) =>
      JSON.stringify(error.response?.errors?.map(({ message }) => message)),
    );
}

async function setTheStage(): Promise<Stage> {
  const url = `${urlsOf(ground).gateway}/graphql`;
  const callers = Object.fromEntries(
    await Promise.all(
      WHO.map(
        async (who) =>
          [who, ACCOUNT[who] ? await callerOf(ground, ACCOUNT[who]) : createCaller(url, 'nobody', null)] as const,
      ),
    ),
  ) as Stage['callers'];
  const { author, stranger } = callers;
  const rocket = { name: 'rocket.jpg', contentType: 'image/jpeg', bytes: photograph('rocket.jpg') };
  const rest = async (caller: Caller, file: typeof rocket, state: string) => {
    const id = await upload(caller, file);
    expect(await followToRest(caller, id, () => undefined)).toBe(state);
    return id;
  };
  const [own, tenant, marketplace, quarantined, opinion] = await Promise.all([
    rest(author, rocket, 'READY'),
    rest(author, rocket, 'READY'),
    rest(author, rocket, 'READY'),
    rest(author, { ...rocket, bytes: eicarInJpegTail() }, 'QUARANTINED'),
    rest(stranger, { name: 'chelsea.png', contentType: 'image/png', bytes: photograph('chelsea.png') }, 'QUARANTINED'),
  ]);
  const publish = (id: string, visibility: string) =>
    author.ask(`mutation { publishAsset(input: { assetId: "${id}", visibility: ${visibility} }) { asset { id } } }`);
  await publish(tenant, 'TENANT');
  await publish(marketplace, 'MARKETPLACE');
  const { me } = await callers.buyer.ask<{ me: { tenant: { id: string } } }>('{ me { tenant { id } } }');
  const { issueLicense } = await author.ask<{ issueLicense: { key: string; license: { id: string } } }>(
    `mutation { issueLicense(input: { assetId: "${marketplace}", tenantId: "${me.tenant.id}", seats: 9 }) { key license { id } } }`,
  );
  const { createUpload } = await author.ask<{ createUpload: { asset: { id: string } } }>(
    'mutation { createUpload(input: { title: "x", fileName: "x.png", contentType: "image/png", sizeBytes: 10 }) { asset { id } } }',
  );
  return {
    callers,
    assets: { private: own, tenant, marketplace, quarantined, opinion },
    licenseId: issueLicense.license.id,
    licenseKey: issueLicense.key,
    buyerTenant: me.tenant.id,
    sessions: { author: await sessionOf(author), reviewer: await sessionOf(callers.reviewer) },
    openUpload: createUpload.asset.id,
  };
}

async function sessionOf(caller: Caller): Promise<string> {
  const { sessions } = await caller.ask<{ sessions: { id: string; current: boolean }[] }>(
    '{ sessions { id current } }',
  );
  const own = sessions.find(({ current }) => current);
  if (!own) throw new Error(`${caller.email} has no session.`);
  return own.id;
}
