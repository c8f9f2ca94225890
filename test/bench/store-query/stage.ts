import { Client } from 'pg';
import { type Caller, createCaller } from '../../../ops/demo/client.ts';
import { ISSUE_LICENSE, REQUEST_ACCESS, TENANT_OF_ME } from '../../../ops/demo/operations.ts';
import { tokenOf } from '../../../ops/run/commands/token.ts';
import { urlsOf } from '../../../ops/run/environment.ts';
import type { Ground } from '../../../ops/run/part.ts';
import { adminUrl } from '../../../ops/run/parts/postgres.ts';
import { somePhotograph } from '../../faults/uploads.ts';
import { publish, readyAsset } from '../../scenarios/cast.ts';
import { callerOf } from '../../system.ts';

const SELLER = 'author@northlight.test';
const BUYER = 'buyer@tidepool.test';
const ASSETS = 12;
const REQUESTS = 3;

/** What a storefront's page shows: media, identity, licensing; and of compliance, which holds nothing of an asset, the reader's own requests. */
export const STORE_QUERY = /* GraphQL */ `
  query Store {
    assets(first: 10) {
      edges {
        cursor
        node {
          id title state visibility mimeType sizeBytes createdAt readyAt
          preview { width height mimeType sizes { width height } }
          owner { id displayName handle tenant { name } }
          tenant { id slug name tier }
          licenses(first: 5) { edges { node { id seats seatsUsed keyHint state } } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
    privilegedAccessRequests(first: 5) { edges { node { id scope reason state minutes createdAt } } }
  }
`;

/**
 * Fills the store by the product's own doors: a dozen photographs through intake, on the marketplace, two licences each. The
 * seller gets a second role, so that one and the same reader may see something of all four subgraphs.
 *
 * @returns the reader's access token
 */
export async function setStage(ground: Ground): Promise<string> {
  await giveRoles(ground, ['author', 'security']);
  const token = await tokenOf(ground, SELLER);
  const seller = createCaller(`${urlsOf(ground).gateway}/graphql`, SELLER, token);
  const buyer = await tenantOf(await callerOf(ground, BUYER));
  const files = Array.from({ length: ASSETS }, (_, nth) => ({
    name: `photo-${nth}.jpg`,
    contentType: 'image/jpeg',
    bytes: somePhotograph(false),
  }));
  await Promise.all(
    files.map(async (file) => {
      const assetId = await readyAsset(seller, file);
      await publish(seller, assetId, 'MARKETPLACE');
      for (const seats of [1, 5]) await seller.ask(ISSUE_LICENSE, { input: { assetId, tenantId: buyer, seats } });
    }),
  );
  for (let nth = 0; nth < REQUESTS; nth += 1) {
    await seller.ask(REQUEST_ACCESS, {
      input: { scope: 'AUDIT_READ', reason: `an incident, part ${nth}`, minutes: 30 },
    });
  }
  return token;
}

async function tenantOf(caller: Caller): Promise<string> {
  const { me } = await caller.ask<{ me: { tenant: { id: string } } }>(TENANT_OF_ME);
  return me.tenant.id;
}

async function giveRoles(ground: Ground, roles: readonly string[]): Promise<void> {
  const admin = new Client({ connectionString: adminUrl(ground).replace(/\/postgres$/, '/assay') });
  await admin.connect();
  await admin.query(
    'update identity.account set roles = $1 where roles = $2 and tenant_id = (select id from identity.tenant where slug = $3)',
    [roles, ['author'], 'northlight'],
  );
  await admin.end();
}
