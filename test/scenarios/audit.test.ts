import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  APPROVE_ACCESS,
  CREATE_DOWNLOAD,
  ISSUE_LICENSE,
  MODERATE,
  REQUEST_ACCESS,
  REVOKE_ACCESS,
} from '../../ops/demo/operations.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { sharedGround } from '../ground.ts';
import { type Cast, castOf, outcomeOf, publish, readyAsset, until } from './cast.ts';

const ground = sharedGround();

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly tenantId: string | null;
  readonly outcome: string;
  readonly address: string | null;
  readonly requestId: string | null;
}

describe('the audit trail', () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await castOf(ground);
  });

  const request = async (minutes = 5): Promise<string> => {
    const input = { scope: 'AUDIT_READ', reason: 'An incident.', minutes };
    return (
      await cast.security.ask<{ requestPrivilegedAccess: { request: { id: string } } }>(REQUEST_ACCESS, { input })
    ).requestPrivilegedAccess.request.id;
  };
  const granted = async (): Promise<string> => {
    const requestId = await request();
    await cast.moderator.ask(APPROVE_ACCESS, { input: { requestId } });
    open.add(requestId);
    return requestId;
  };
  // A test that failed leaves no grant to the next one.
  const open = new Set<string>();
  afterEach(async () => {
    await Promise.all([...open].map(revoke));
    open.clear();
  });
  const revoke = (requestId: string) => cast.security.ask(REVOKE_ACCESS, { input: { requestId } });
  const page = (variables: { first?: number; after?: string | null; filter?: object }) =>
    cast.security.ask<{
      auditEntries: { edges: { node: Entry }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
    }>(
      `query ($first: Int, $after: String, $filter: AuditFilter) {
        auditEntries(first: $first, after: $after, filter: $filter) {
          edges { node { id at actor action subject tenantId outcome address requestId } }
          pageInfo { endCursor hasNextPage }
        }
      }`,
      variables,
    );
  const onSale = async (): Promise<string> => {
    const assetId = await readyAsset(cast.author);
    await publish(cast.author, assetId, 'MARKETPLACE');
    return assetId;
  };
  const entriesOf = async (filter: object): Promise<Entry[]> =>
    (await page({ first: 200, filter })).auditEntries.edges.map(({ node }) => node);

  it('tells the whole way of an asset, in order, with who, where from and which request', async () => {
    const assetId = await onSale();
    const { me } = await cast.buyer.ask<{ me: { id: string; tenant: { id: string } } }>('{ me { id tenant { id } } }');
    const { issueLicense } = await cast.author.ask<{ issueLicense: { key: string; license: { id: string } } }>(
      ISSUE_LICENSE,
      { input: { assetId, tenantId: me.tenant.id } },
    );
    const { createDownload } = await cast.buyer.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, {
      input: { assetId, licenseKey: issueLicense.key },
    });
    await (await fetch(createDownload.url)).arrayBuffer();

    const requestId = await granted();
    const entries = await until(
      () => entriesOf({ subject: assetId }),
      (found) => found.some(({ action }) => action === 'download.redeem'),
    );
    expect(entries.map(({ action }) => action).reverse()).toEqual([
      'asset.create',
      'asset.finalize',
      'asset.decide',
      'asset.publish',
      'download.grant',
      'download.redeem',
    ]);
    expect(await entriesOf({ subject: issueLicense.license.id, action: 'license.issue' })).toHaveLength(1);
    const redeemed = entries[0];
    expect(redeemed).toMatchObject({ actor: me.id, tenantId: me.tenant.id });
    expect(entries.every(({ address }) => address === null || !/^\d+\.\d+\.\d+\.\d*[1-9]$/.test(address))).toBe(true);
    for (const entry of entries.filter(({ action }) => action !== 'asset.decide')) expect(entry.requestId).toBeTruthy();
    await revoke(requestId);
  });

  it('is narrowed by action, actor, subject and time, and by all of them at once', async () => {
    const requestId = await granted();
    const { me } = await cast.author.ask<{ me: { id: string } }>('{ me { id } }');
    const mine = await entriesOf({ actor: me.id, action: 'asset.create' });
    expect(mine.length).toBeGreaterThan(0);
    expect(new Set(mine.map(({ actor, action }) => `${actor} ${action}`))).toEqual(new Set([`${me.id} asset.create`]));
    const [newest] = mine;
    const at = newest?.at ?? '';
    const to = new Date(Date.parse(at) + 1).toISOString();
    const around = await entriesOf({ actor: me.id, action: 'asset.create', from: at, to });
    expect(around.map(({ id }) => id)).toContain(newest?.id);
    expect(await entriesOf({ to: '2000-01-01T00:00:00Z' })).toEqual([]);
    expect(await entriesOf({ action: 'asset.%' })).toEqual([]);
    await revoke(requestId);
  });

  it('pages newest first, without a hole or a repeat, while others write', async () => {
    const requestId = await granted();
    const all = await entriesOf({ to: new Date().toISOString() });
    const last = all[0]?.at ?? '';
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { auditEntries } = await page({ first: 7, after, filter: { to: last } });
      seen.push(...auditEntries.edges.map(({ node }) => node.id));
      after = auditEntries.pageInfo.hasNextPage && seen.length < 150 ? auditEntries.pageInfo.endCursor : null;
    } while (after);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual((await entriesOf({ to: last })).map(({ id }) => id).slice(0, seen.length));
    await revoke(requestId);
  });

  it('closes in the middle of paging when the grant is revoked', async () => {
    const requestId = await granted();
    const { auditEntries } = await page({ first: 1 });
    await revoke(requestId);
    expect(await outcomeOf(page({ first: 1, after: auditEntries.pageInfo.endCursor }))).toBe('FORBIDDEN');
  });

  it('records its own reading, and each step of a grant', async () => {
    const requestId = await granted();
    await entriesOf({});
    const reads = await entriesOf({ action: 'audit.read' });
    expect(reads.length).toBeGreaterThan(0);
    await revoke(requestId);
    const again = await granted();
    const steps = await entriesOf({ subject: requestId });
    expect(steps.map(({ action }) => action).reverse()).toEqual(['access.request', 'access.approve', 'access.revoke']);
    await revoke(again);
  });

  it('is opened by another person only, and by nobody for long', async () => {
    const requestId = await request();
    const input = { requestId };
    for (const who of ['security', 'author', 'admin', 'buyer'] as const) {
      expect(await outcomeOf(cast[who].ask(APPROVE_ACCESS, { input }))).toBe('FORBIDDEN');
    }
    expect(await outcomeOf(cast.visitor.ask(APPROVE_ACCESS, { input }))).toBe('UNAUTHENTICATED');
    expect(await outcomeOf(request(0))).toBe('BAD_USER_INPUT');
    expect(await outcomeOf(request(241))).toBe('BAD_USER_INPUT');
    expect(await outcomeOf(page({}))).toBe('FORBIDDEN');
    // A moderator approves, and still reads nothing himself.
    await cast.moderator.ask(APPROVE_ACCESS, { input });
    expect(await outcomeOf(cast.moderator.ask('{ auditEntries { edges { cursor } } }'))).toBe('FORBIDDEN');
    expect(await outcomeOf(cast.moderator.ask(APPROVE_ACCESS, { input }))).toBe('INVALID_STATE');
    await cast.moderator.ask(REVOKE_ACCESS, { input });
    expect(await outcomeOf(page({}))).toBe('FORBIDDEN');
  });

  it('knows who signed in, and who failed to', async () => {
    await tokenOf(ground, 'reviewer@northlight.test');
    const requestId = await granted();
    const { me } = await cast.reviewer.ask<{ me: { id: string } }>('{ me { id } }');
    const logins = await entriesOf({ action: 'session.login', actor: me.id });
    expect(logins.length).toBeGreaterThan(0);
    await revoke(requestId);
  });

  it('tells of wrong licence keys, whatever was wrong with them, and of an original that is somebody else’s', async () => {
    const assetId = await onSale();
    const { me } = await cast.stranger.ask<{ me: { id: string; tenant: { id: string } } }>(
      '{ me { id tenant { id } } }',
    );
    const { issueLicense } = await cast.author.ask<{ issueLicense: { key: string } }>(ISSUE_LICENSE, {
      input: { assetId: await onSale(), tenantId: me.tenant.id },
    });
    const mistyped = issueLicense.key.slice(0, -1) + (issueLicense.key.endsWith('0') ? '1' : '0');
    for (const licenseKey of [mistyped, issueLicense.key, undefined])
      await outcomeOf(cast.stranger.ask(CREATE_DOWNLOAD, { input: { assetId, licenseKey } }));
    await granted();
    const entries = await entriesOf({ subject: assetId, actor: me.id });
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`).reverse()).toEqual([
      'download.grant_failed BAD_USER_INPUT',
      'download.grant_failed NOT_FOUND',
      'download.grant_failed FORBIDDEN',
    ]);
    for (const { tenantId, requestId } of entries) expect([tenantId, Boolean(requestId)]).toEqual([me.tenant.id, true]);
  });

  it('keeps a moderator’s verdict with the asset’s tenant', async () => {
    const assetId = await onSale();
    await cast.moderator.ask(MODERATE, { input: { assetId, verdict: 'REJECT', reason: 'A complaint.' } });
    const { me } = await cast.author.ask<{ me: { tenant: { id: string } } }>('{ me { tenant { id } } }');
    await granted();
    const [decided] = await entriesOf({ subject: assetId, action: 'asset.moderate' });
    expect(decided).toMatchObject({ outcome: 'REJECT', tenantId: me.tenant.id });
  });

  it('is not in the way of a page that is too long', async () => {
    expect(await outcomeOf(page({ first: 201 }))).toMatch(/^(BAD_USER_INPUT|FORBIDDEN)$/);
    const requestId = await granted();
    expect(await outcomeOf(page({ first: 201 }))).toBe('BAD_USER_INPUT');
    expect(await outcomeOf(page({ first: -1 }))).toBe('BAD_USER_INPUT');
    expect(await outcomeOf(page({ after: 'nonsense' }))).toBe('BAD_USER_INPUT');
    await revoke(requestId);
  });
});
