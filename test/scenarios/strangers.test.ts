import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../ops/demo/client.ts';
import { ISSUE_LICENSE, REQUEST_ACCESS } from '../../ops/demo/operations.ts';
import { sharedGround } from '../ground.ts';
import { type Cast, castOf, openUpload, publish, ROCKET, readyAsset } from './cast.ts';

const ground = sharedGround();
const GUESSED = '01977a00-0000-7000-8000-00000000dead';

/** Every operation that takes an id, with the id to be guessed as `ID`. */
const ASSET_OPERATIONS = {
  asset: '{ asset(id: "ID") { id title tenant { name } evidence { stage } } }',
  'asset by another spelling': '{ asset(id: "{ID}") { id } }',
  events: '{ asset(id: "ID") { events { edges { cursor } } } }',
  finalizeUpload: `mutation { finalizeUpload(input: { assetId: "ID", sha256: "${'0'.repeat(64)}" }) { asset { id } } }`,
  publishAsset: 'mutation { publishAsset(input: { assetId: "ID", visibility: MARKETPLACE }) { asset { id } } }',
  deleteAsset: 'mutation { deleteAsset(input: { assetId: "ID" }) { asset { id } } }',
  moderateAsset: 'mutation { moderateAsset(input: { assetId: "ID", verdict: REJECT, reason: "x" }) { asset { id } } }',
  issueLicense: `mutation { issueLicense(input: { assetId: "ID", tenantId: "${GUESSED}" }) { key } }`,
  createDownload: 'mutation { createDownload(input: { assetId: "ID" }) { url } }',
};

describe('an id of another tenant', () => {
  let cast: Cast;
  let hidden: Readonly<Record<'private' | 'tenant' | 'awaiting', string>>;
  let licenseId: string;
  let requestId: string;
  beforeAll(async () => {
    cast = await castOf(ground);
    const [own, tenant, licensed] = await Promise.all([
      readyAsset(cast.author),
      readyAsset(cast.author),
      readyAsset(cast.author),
    ]);
    await publish(cast.author, tenant, 'TENANT');
    hidden = { private: own, tenant, awaiting: (await openUpload(cast.author, ROCKET)).assetId };
    const { me } = await cast.author.ask<{ me: { tenant: { id: string } } }>('{ me { tenant { id } } }');
    const issued = await cast.author.ask<{ issueLicense: { license: { id: string } } }>(ISSUE_LICENSE, {
      input: { assetId: licensed, tenantId: me.tenant.id },
    });
    licenseId = issued.issueLicense.license.id;
    const asked = await cast.security.ask<{ requestPrivilegedAccess: { request: { id: string } } }>(REQUEST_ACCESS, {
      input: { scope: 'AUDIT_READ', reason: 'To be guessed.', minutes: 1 },
    });
    requestId = asked.requestPrivilegedAccess.request.id;
  });

  const strangers = ['visitor', 'stranger', 'buyer', 'moderator', 'security'] as const;

  describe.each(strangers)('to the %s', (who) => {
    it.each(Object.entries(ASSET_OPERATIONS))(
      'is answered by %s as an id that nobody has',
      async (_name, operation) => {
        const nobody = await wordsOf(cast[who], operation, GUESSED);
        for (const [kind, id] of Object.entries(hidden)) {
          expect(`${kind}: ${await wordsOf(cast[who], operation, id)}`).toBe(`${kind}: ${nobody}`);
        }
      },
    );

    it('of a licence too', async () => {
      const operation = '{ license(id: "ID") { id seats asset { id } } }';
      expect(await wordsOf(cast[who], operation, licenseId)).toBe(await wordsOf(cast[who], operation, GUESSED));
    });
  });

  it.each(['visitor', 'stranger', 'author', 'admin'] as const)(
    'of a request for access is told to the %s by nothing',
    async (who) => {
      for (const act of ['approve', 'revoke']) {
        const operation = `mutation { ${act}PrivilegedAccess(input: { requestId: "ID" }) { request { reason } } }`;
        expect(await wordsOf(cast[who], operation, requestId)).toBe(await wordsOf(cast[who], operation, GUESSED));
      }
    },
  );

  it('of a session too, also to a moderator', async () => {
    const { sessions } = await cast.author.ask<{ sessions: { id: string }[] }>('{ sessions { id } }');
    const operation = 'mutation { revokeSession(input: { sessionId: "ID" }) { session { id } } }';
    for (const who of strangers) {
      expect(await wordsOf(cast[who], operation, sessions[0]?.id ?? '')).toBe(
        await wordsOf(cast[who], operation, GUESSED),
      );
    }
  });

  it('never stands in a list, whatever one pages and filters', async () => {
    const ids = new Set(Object.values(hidden));
    for (const who of strangers) {
      let after: string | null = null;
      do {
        const {
          assets,
        }: {
          assets: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
        } = await cast[who].ask(
          'query ($after: String) { assets(first: 200, after: $after) { edges { node { id } } pageInfo { endCursor hasNextPage } } }',
          { after },
        );
        expect(assets.edges.filter(({ node }) => ids.has(node.id))).toEqual([]);
        after = assets.pageInfo.hasNextPage ? assets.pageInfo.endCursor : null;
      } while (after);
    }
  });

  it('is answered to several at once in one document as each would be alone', async () => {
    const query = `{ a: asset(id: "${hidden.private}") { id } b: asset(id: "${GUESSED}") { id } c: asset(id: "${hidden.tenant}") { title } }`;
    expect(await cast.stranger.ask(query)).toEqual({ a: null, b: null, c: null });
    expect(await cast.reviewer.ask(query)).toMatchObject({ a: null, b: null, c: { title: 'rocket.jpg' } });
  });
});

/** The answer, word for word, without the id itself and what differs between any two requests. */
async function wordsOf(caller: Caller, operation: string, id: string): Promise<string> {
  const answer = await caller.ask(operation.replace('ID', id)).then(
    (data) => ({ data }),
    (error: { response?: { data?: unknown; errors?: unknown; status?: number } }) => ({
      data: error.response?.data,
      errors: error.response?.errors,
      status: error.response?.status,
    }),
  );
  return JSON.stringify(answer)
    .replaceAll(id, 'ID')
    .replace(/"errorId":"[^"]*"/g, '"errorId":""');
}
