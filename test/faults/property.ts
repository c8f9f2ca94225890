import { expect } from 'vitest';
import type { Subgraphs } from '../../gateway/src/subgraphs.ts';
import { followToRest } from '../../ops/demo/follow.ts';
import { ISSUE_LICENSE, REQUEST_ACCESS } from '../../ops/demo/operations.ts';
import { upload } from '../../ops/demo/upload.ts';
import { eicarInJpegTail } from '../fixtures/make.ts';
import { type Cast, openUpload, publish, ROCKET, readyAsset } from '../scenarios/cast.ts';

export type SubgraphName = keyof Subgraphs['handlers'];
export type Who = 'visitor' | 'stranger' | 'buyer' | 'moderator' | 'security';
/** An answer's data, and the code of its first refusal. */
export type Answer = { readonly data: Record<string, unknown> | null; readonly code: string | null };
export type Ask = (who: Who, subgraph: SubgraphName, query: string) => Promise<Answer>;

/** What the author has, in each state that somebody else has no business with. */
export interface Property {
  readonly private: string;
  readonly tenant: string;
  readonly awaiting: string;
  readonly quarantined: string;
  /** On the marketplace: what everybody sees of it leads to whose it is. */
  readonly onSale: string;
  readonly ownerId: string;
  readonly licenseId: string;
  readonly sessionId: string;
  readonly requestId: string;
}

export const OUTSIDERS = ['visitor', 'stranger', 'buyer', 'security'] as const;

/** Nobody outside of the tenant reads or touches what is the author's. */
export async function verifyApart(ask: Ask, property: Property): Promise<void> {
  const { private: own, tenant, awaiting, quarantined, sessionId, requestId } = property;
  const hidden = [own, tenant, awaiting, quarantined];
  const leaks: string[] = [];
  const refused = async (who: Who, subgraph: SubgraphName, query: string) => {
    const { data, code } = await ask(who, subgraph, query);
    const said = Object.values(data ?? {}).some((value) => !isNothing(value));
    if (said || (query.startsWith('mutation') && code === null)) leaks.push(`${who} ${query} ${JSON.stringify(data)}`);
  };
  for (const who of OUTSIDERS) {
    for (const id of hidden) {
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
    for (const id of hidden) if (listed.includes(id)) leaks.push(`${who} lists ${id}`);
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
  const queue = JSON.stringify(
    (await ask('moderator', 'media', '{ quarantine(first: 200) { edges { node { id } } } }')).data,
  );
  for (const id of [own, tenant, awaiting]) {
    if (queue.includes(id)) leaks.push(`moderator has ${id} in the quarantine`);
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
export async function verifyOwnAlone(ask: Ask, { licenseId, sessionId }: Property): Promise<void> {
  const leaks: string[] = [];
  for (const who of OUTSIDERS) {
    const { data } = await ask(who, 'licensing', `{ license(id: "${licenseId}") { id } }`);
    if (data?.['license']) leaks.push(`${who} reads the licence`);
    const sessions = await ask(who, 'identity', '{ sessions { id } }');
    if (JSON.stringify(sessions.data).includes(sessionId)) leaks.push(`${who} lists the author’s session`);
  }
  expect(leaks).toEqual([]);
}

/** What everybody sees of an asset on sale leads to its owner and tenant, of whom everybody sees the card and no more. */
export async function verifyPeopleApart(ask: Ask, { onSale }: Property): Promise<void> {
  const leaks: string[] = [];
  for (const who of OUTSIDERS) {
    const { data } = await ask(
      who,
      'media',
      `{ asset(id: "${onSale}") { title sha256 evidence { stage } decision { verdict } events { edges { cursor } }
        licenses { edges { cursor } } owner { handle email roles } tenant { slug tier } } }`,
    );
    expect(data?.['asset']).toMatchObject({
      title: expect.any(String),
      owner: { handle: 'northlight-author' },
      tenant: { slug: 'northlight' },
    });
    const { title: _title, owner, tenant, ...record } = data?.['asset'] as Record<string, Record<string, unknown>>;
    const { handle: _handle, ...person } = owner ?? {};
    if (!isNothing(record) || !isNothing(person) || tenant?.['tier'] !== 'STANDARD')
      leaks.push(`${who} ${JSON.stringify(data)}`);
  }
  expect(leaks).toEqual([]);
}

/** The paths that only the gateway takes: shield's rules on Query alone would leave them open. */
export async function verifyEntitiesApart(ask: Ask, property: Property): Promise<void> {
  const { licenseId, ownerId, ...ids } = property;
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
    await entity(who, 'identity', 'User', ownerId, 'email roles');
  }
  expect(leaks).toEqual([]);
}

export async function verifyUntouched(cast: Cast, property: Property): Promise<void> {
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
export async function settle({ author, security }: Cast): Promise<Property> {
  const [own, tenant, onSale] = await Promise.all([readyAsset(author), readyAsset(author), readyAsset(author)]);
  await publish(author, tenant, 'TENANT');
  await publish(author, onSale, 'MARKETPLACE');
  const quarantined = await upload(author, { ...ROCKET, bytes: eicarInJpegTail() });
  await followToRest(author, quarantined, () => undefined);
  const { me } = await author.ask<{ me: { id: string; tenant: { id: string } } }>('{ me { id tenant { id } } }');
  const license = async (assetId: string) => {
    const input = { assetId, tenantId: me.tenant.id };
    const made = await author.ask<{ issueLicense: { license: { id: string } } }>(ISSUE_LICENSE, { input });
    return made.issueLicense.license.id;
  };
  const [licenseId] = await Promise.all([license(own), license(onSale)]);
  const { sessions } = await author.ask<{ sessions: { id: string }[] }>('{ sessions { id } }');
  const asked = await security.ask<{ requestPrivilegedAccess: { request: { id: string } } }>(REQUEST_ACCESS, {
    input: { scope: 'AUDIT_READ', reason: 'Of the security team.', minutes: 1 },
  });
  return {
    private: own,
    tenant,
    onSale,
    ownerId: me.id,
    awaiting: (await openUpload(author, ROCKET)).assetId,
    quarantined,
    licenseId,
    sessionId: sessions[0]?.id ?? '',
    requestId: asked.requestPrivilegedAccess.request.id,
  };
}

/** Null, an empty list, or an object of nothing else. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.every(isNothing);
  if (typeof value === 'object') return Object.values(value).every(isNothing);
  return false;
}
