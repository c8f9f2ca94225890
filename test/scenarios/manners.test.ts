import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { sharedGround } from '../ground.ts';

const ground = sharedGround();
const graphql = `${urlsOf(ground).gateway}/graphql`;
const manifest: Record<string, string> = JSON.parse(
  readFileSync(new URL('../../codegen/persisted-documents.json', import.meta.url), 'utf8'),
);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

interface Answer {
  readonly data?: Record<string, unknown>;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly extensions?: { readonly cost?: { estimated: number; actual: number; maximum: number } };
}

const post = async (body: object, headers: Record<string, string> = {}) => {
  const answer = await fetch(graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Answer };
};

describe('the running gateway', () => {
  let author: Record<string, string>;
  beforeAll(async () => {
    author = { authorization: `Bearer ${await tokenOf(ground, 'author@northlight.test')}` };
  });

  it('answers what the console asks by its identifier alone', async () => {
    const [documentId] = Object.entries(manifest).find(([, text]) => text.includes('query Marketplace')) ?? [];
    const { status, json } = await post({ documentId });
    expect([status, json.errors]).toEqual([200, undefined]);
    expect(json.data).toHaveProperty('assets.edges');
  });

  it('learns a document from a client, by its hash', async () => {
    const query = `{ me { id } } # ${randomUUID()}`;
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
    expect((await post({ extensions })).json.errors?.[0]?.message).toBe('PersistedQueryNotFound');
    expect((await post({ query, extensions })).json).toEqual({ data: { me: null } });
    await expect.poll(async () => (await post({ extensions })).json).toEqual({ data: { me: null } });
  });

  it('tells what an answer cost, and refuses the page of every page', async () => {
    const query = '{ assets(first: 3) { edges { node { id owner { id } } } } }';
    const { cost } = (await post({ query }, { 'x-assay-cost': 'on' })).json.extensions ?? {};
    expect(cost).toMatchObject({ estimated: 1 + 3 * 3, maximum: 50_000 });
    expect(cost?.actual).toBeLessThanOrEqual(10);
    const pages =
      '{ assets(first: 200) { edges { node { events(first: 200) { edges { node { asset { licenses(first: 200) { edges { cursor } } } } } } } } } }';
    const refused = await post({ query: pages }, author);
    expect([refused.status, refused.json.errors?.[0]?.extensions]).toMatchObject([
      413,
      { code: 'TOO_COMPLEX', limit: { name: 'cost', maximum: 50_000 } },
    ]);
  });

  it('has room for five hundred operations of one account at once, and tells how it stands', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => post({ query: '{ me { id } }' }, author)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const { headers } = await post({ query: '{ me { id } }' }, author);
    expect(headers.get('ratelimit-policy')).toBe(
      '"address";q=100000;w=10, "principal";q=20000;w=10, "cost";q=5000000;w=10',
    );
    const [, remaining] = /"principal";r=(\d+);t=\d+/.exec(headers.get('ratelimit') ?? '') ?? [];
    expect(Number(remaining)).toBeLessThan(20_000 - 500);
  });
});
