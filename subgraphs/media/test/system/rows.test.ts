import { withTenant } from '@assay/database';
import type { Principal } from '@assay/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/database.ts';
import { findAssets, findQuarantined } from '../../src/assets/find-assets.ts';
import { createSubgraphHandler, type MediaDeps } from '../../src/index.ts';
import { type House, openHouse } from './house.ts';
import {
  admin,
  author,
  buyer,
  moderator,
  otherAdmin,
  otherAuthor,
  otherBuyer,
  reviewer,
  security,
  visitor,
} from './people.ts';
import { seedAsset } from './seeding.ts';

const everybody: Readonly<Record<string, Principal>> = {
  visitor,
  buyer,
  author,
  reviewer,
  admin,
  otherAuthor,
  otherAdmin,
  otherBuyer,
  moderator,
  security,
};
const all = Object.keys(everybody);
const tenant = ['buyer', 'author', 'reviewer', 'admin'];
const own = ['author', 'admin'];
const ownAndModerator = ['author', 'admin', 'moderator'];

/** Written by hand from API.md, "Who may do what": who sees an asset of `author`, and who reads its evidence, decision and events. */
const TABLE: readonly {
  readonly asset: string;
  readonly seenBy: readonly string[];
  readonly recordBy: readonly string[];
}[] = [
  { asset: 'MARKETPLACE READY', seenBy: all, recordBy: own },
  { asset: 'TENANT READY', seenBy: tenant, recordBy: own },
  { asset: 'PRIVATE READY', seenBy: own, recordBy: own },
  { asset: 'TENANT AWAITING_UPLOAD', seenBy: own, recordBy: own },
  { asset: 'TENANT RECEIVED', seenBy: own, recordBy: own },
  { asset: 'TENANT SCANNING', seenBy: own, recordBy: own },
  { asset: 'PRIVATE INSPECTING', seenBy: own, recordBy: own },
  { asset: 'TENANT CLASSIFYING', seenBy: own, recordBy: own },
  { asset: 'TENANT RENDERING', seenBy: own, recordBy: own },
  { asset: 'PRIVATE QUARANTINED', seenBy: ownAndModerator, recordBy: ownAndModerator },
  { asset: 'TENANT QUARANTINED', seenBy: ownAndModerator, recordBy: ownAndModerator },
  { asset: 'MARKETPLACE QUARANTINED', seenBy: ownAndModerator, recordBy: ownAndModerator },
  { asset: 'TENANT REJECTED', seenBy: own, recordBy: own },
  { asset: 'MARKETPLACE REJECTED', seenBy: own, recordBy: own },
  { asset: 'TENANT EXPIRED', seenBy: own, recordBy: own },
  { asset: 'MARKETPLACE DELETED', seenBy: own, recordBy: own },
];

const ASSET = /* GraphQL */ `query ($id: ID!) {
  asset(id: $id) {
    id sha256 evidence { stage } decision { verdict } events { edges { node { seq } } } preview { width } moderationPreview { url }
  }
}`;
const EVERY_STATE =
  'AWAITING_UPLOAD RECEIVED SCANNING INSPECTING CLASSIFYING RENDERING READY QUARANTINED REJECTED EXPIRED DELETED';
const LIST = /* GraphQL */ `{ assets(first: 200, filter: { states: [${EVERY_STATE}] }) { edges { node { id } } } }`;
const ENTITY = /* GraphQL */ `query ($id: ID!) { _entities(representations: [{ __typename: "Asset", id: $id }]) { ... on Asset { id sha256 evidence { stage } } } }`;

interface Seen {
  asset: {
    sha256: string | null;
    evidence: { stage: string }[];
    decision: unknown;
    events: { edges: unknown[] };
    preview: unknown;
    moderationPreview: unknown;
  } | null;
}

describe('rows', () => {
  let house: House;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    house = await openHouse(['postgres']);
    for (const { asset } of TABLE) {
      const [visibility = '', state = ''] = asset.split(' ');
      ids.set(asset, await seedAsset(house, { owner: author, state, visibility }));
    }
  }, 60_000);
  afterAll(() => house?.[Symbol.asyncDispose]());

  const idOf = (asset: string) => ids.get(asset) ?? '';
  const seers = async (sees: (who: Principal) => Promise<boolean>) => {
    const found: string[] = [];
    for (const [name, who] of Object.entries(everybody)) if (await sees(who)) found.push(name);
    return found;
  };

  describe.each(TABLE)('$asset', ({ asset, seenBy, recordBy }) => {
    it('is shown by the database alone to those who may see it', async () => {
      const found = await seers(async (who) => {
        const rows = await withTenant(house.deps.database, who, (tx) => findAssets(tx, [idOf(asset)]));
        const moderated = await withTenant(house.deps.moderation, who, (tx) => findQuarantined(tx, [idOf(asset)]));
        return rows.length + moderated.length > 0;
      });
      expect(found).toEqual(seenBy);
    });

    it('has its evidence, decision and events shown by the database alone to those who may read them', async () => {
      for (const table of ['evidence', 'decision', 'asset_event']) {
        const found = await seers(async (who) => {
          const count = async (db: MediaDeps['database']) => {
            const rows = await withTenant(db, who, (tx) =>
              tx.$queryRawUnsafe<unknown[]>(`select from media.${table} where asset_id = $1::uuid`, idOf(asset)),
            );
            return rows.length;
          };
          return (await count(house.deps.database)) + (await count(house.deps.moderation)) > 0;
        });
        expect({ table, found }).toEqual({ table, found: recordBy });
      }
    });

    const expectation = async (ask: (who: Principal, query: string, id: string) => Promise<unknown>) => {
      const seen: string[] = [];
      const read: string[] = [];
      for (const [name, who] of Object.entries(everybody)) {
        const { asset: found } = (await ask(who, ASSET, idOf(asset))) as Seen;
        if (!found) continue;
        seen.push(name);
        if (isRead(found)) read.push(name);
        else expect(found).toMatchObject({ evidence: [], decision: null, events: { edges: [] } });
        expectFitting(found, asset, name);
      }
      expect({ seen, read }).toEqual({ seen: seenBy, read: recordBy });
    };

    it('is shown by the API to the same people', async () => {
      await expectation(async (who, query, id) => (await house.ask(who, query, { id })).data);
      expect(await seers(async (who) => listed(await house.ask(who, LIST), idOf(asset)))).toEqual(seenBy);
      expect(await seers(async (who) => isEntity(await house.ask(who, ENTITY, { id: idOf(asset) })))).toEqual(seenBy);
    });

    it('is shown to the same people with row security off', async () => {
      const ask = await withoutRowSecurity(house);
      await expectation(async (who, query, id) => (await ask(who, query, { id })).data);
      expect(await seers(async (who) => listed(await ask(who, LIST), idOf(asset)))).toEqual(seenBy);
    });

    it('is shown to the same people with shield off', async () => {
      const media = await createSubgraphHandler({ ...house.deps, isShieldOff: true });
      await expectation(async (who, query, id) => (await house.askOf(media, who, query, { id })).data);
    });
  });

  const listed = ({ data }: { data: unknown }, id: string) =>
    (data as { assets: { edges: { node: { id: string } }[] } }).assets.edges.some(({ node }) => node.id === id);
  const isEntity = ({ data }: { data: unknown }) => (data as { _entities: unknown[] })._entities[0] !== null;

  it('of another tenant are not to be had by settings that the caller chooses', async () => {
    const rows = await withTenant(house.deps.database, otherAuthor, (tx) =>
      tx.$queryRawUnsafe<unknown[]>(`select from media.asset where tenant_id <> caller.tenant() limit 5`),
    );
    expect(rows).toEqual([]);
  });

  it('cannot be written for somebody else, and none can be removed', async () => {
    const id = idOf('PRIVATE READY');
    const asOther = (text: string) =>
      withTenant(house.deps.database, otherAdmin, (tx) => tx.$executeRawUnsafe(text, id));
    expect(await asOther(`update media.asset set visibility = 'MARKETPLACE' where id = $1::uuid`)).toBe(0);
    await expect(asOther('delete from media.asset where id = $1::uuid')).rejects.toThrow(/permission denied/);
    await expect(
      withTenant(house.deps.database, otherAuthor, (tx) =>
        tx.$executeRawUnsafe(
          `insert into media.asset (tenant_id, owner_id, title, file_name, declared_type, declared_bytes, form_expires_at)
           values ($1::uuid, $2::uuid, 'x', 'x', 'image/png', 1, now())`,
          author.tenantId,
          author.subject,
        ),
      ),
    ).rejects.toThrow(/row-level security/);
  });

  it('of evidence, decisions and events stay as they were written, for every role', async () => {
    for (const table of ['evidence', 'decision', 'asset_event']) {
      for (const role of ['media_app', 'media_moderator', 'intake_worker', 'janitor', 'media_verdict']) {
        for (const act of [
          `update media.${table} set verdict = 'PASS'`,
          `delete from media.${table}`,
          `truncate media.${table}`,
        ]) {
          await house.sql('begin');
          await house.sql(`set local role ${role}`);
          await expect(house.sql(act), `${role}: ${act}`).rejects.toThrow(/permission denied|append-only/);
          await house.sql('rollback');
        }
      }
    }
    await expect(house.sql('delete from media.evidence')).rejects.toThrow(/append-only/);
  });

  it('all have row security, forced', async () => {
    const open = await house.sql(
      `select oid::regclass from pg_class where relnamespace = 'media'::regnamespace and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)`,
    );
    expect(open).toEqual([]);
  });
});

function isRead({ evidence, decision, events }: NonNullable<Seen['asset']>): boolean {
  return evidence.length > 0 && decision !== null && events.edges.length > 0;
}

/** Digest and previews, for those who see the asset at all. */
function expectFitting(found: NonNullable<Seen['asset']>, asset: string, name: string): void {
  const isModerating = name === 'moderator' && asset.endsWith('QUARANTINED');
  if (!tenant.includes(name) && !isModerating) expect(found.sha256).toBeNull();
  if (found.evidence.length > 0)
    expect(found.evidence.map(({ stage }) => stage).slice(4)).toEqual([isModerating ? 'MATCH' : 'CLASSIFY']);
  expect(found.preview !== null).toBe(asset.endsWith(' READY'));
  expect(found.moderationPreview !== null).toBe(isModerating);
}

/** The subgraph over roles that row security does not bind: the fence is off in this composition root only. */
async function withoutRowSecurity(house: House) {
  const url = new URL(await house.bypassUrl('media_app'));
  const moderatorUrl = await house.bypassUrl('media_moderator');
  unfenced ??= (async () => {
    const database = openDatabase(url.href, 3);
    const moderation = openDatabase(moderatorUrl, 3);
    return createSubgraphHandler({ ...house.deps, database, moderation });
  })();
  const media = await unfenced;
  return (who: Principal, query: string, variables?: Record<string, unknown>) =>
    house.askOf(media, who, query, variables);
}

let unfenced: ReturnType<typeof createSubgraphHandler> | undefined;
