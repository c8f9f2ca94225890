import { beforeAll, describe, expect, it } from 'vitest';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { sharedGround } from '../ground.ts';

const ground = sharedGround();
const QUERY = 'query Shelf($n: Int) { assets(first: $n) { edges { node { id owner { displayName } } } } }';

interface Answer {
  readonly data?: { readonly assets: { readonly edges: readonly unknown[] } };
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
  readonly extensions?: { readonly plan?: unknown };
}

describe('extensions.plan, beside the data', () => {
  const headers = new Map<string, Record<string, string>>([['nobody', {}]]);
  beforeAll(async () => {
    for (const email of ['admin@northlight.test', 'author@northlight.test', 'platform@assay.test'])
      headers.set(email, { authorization: `Bearer ${await tokenOf(ground, email)}` });
  });
  const post = async (who: string, body: object, more: Record<string, string> = {}): Promise<Answer> => {
    const answer = await fetch(`${urlsOf(ground).gateway}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers.get(who), ...more },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Answer;
  };
  const asked = { query: QUERY, variables: { n: 2 }, extensions: { plan: true } };

  it.each(['admin@northlight.test', 'platform@assay.test'])(
    'is for %s, who has the scope: which subgraphs are asked what, and how long each took',
    async (who) => {
      const { data, errors, extensions } = await post(who, asked);
      expect(errors).toBeUndefined();
      expect(data?.assets.edges).toBeDefined();
      const fetched = { kind: 'Fetch', durationMs: expect.any(Number), isFailed: false };
      expect(extensions?.plan).toMatchObject({
        kind: 'Sequence',
        nodes: [
          { ...fetched, subgraph: 'media', paths: [], variables: ['n'], operation: expect.stringContaining('assets') },
          {
            kind: 'Fetch',
            subgraph: 'identity',
            paths: ['assets.edges.@.node.owner'],
            requires: [expect.any(String)],
          },
        ],
      });
    },
  );

  it('comes for a header too, and says whether the plan was there already', async () => {
    const body = { query: `${QUERY} # ${Date.now()}`, variables: { n: 1 } };
    const header = { 'x-assay-plan': 'on' };
    const told = async () => (await post('admin@northlight.test', body, header)).extensions?.plan;
    expect(await told()).toMatchObject({ isCached: false });
    expect(await told()).toMatchObject({ isCached: true });
    expect((await post('admin@northlight.test', body)).extensions).toBeUndefined();
  });

  it.each(['nobody', 'author@northlight.test'])('is never for %s, who gets the data without it', async (who) => {
    for (const answer of [
      await post(who, asked),
      await post(who, { ...asked, extensions: {} }, { 'x-assay-plan': 'on' }),
    ]) {
      expect(answer.data?.assets.edges).toBeDefined();
      expect(answer.extensions?.plan).toBeUndefined();
    }
  });

  it('has nothing of what its reader may not have: it was cut before anything was planned', async () => {
    const query = '{ me { handle } quarantine { edges { node { id } } } }';
    const { errors, extensions } = await post('admin@northlight.test', { ...asked, query, variables: {} });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(JSON.stringify(extensions?.plan)).not.toContain('quarantine');
    expect(extensions?.plan).toMatchObject({ kind: 'Fetch', subgraph: 'identity' });
  });
});
