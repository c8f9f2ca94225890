import { readFileSync } from 'node:fs';
import { type DocumentNode, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { EXAMPLES } from '../console/src/graphiql/examples.ts';
import * as operations from '../console/src/operations.ts';
import { createHivePlanner } from '../src/engine/index.ts';
import { publicSchema } from '../src/engine/public-schema.ts';
import { createCosts } from '../src/limits/cost/cost.ts';
import { DEFAULT_COST_RULES } from '../src/limits/cost/rules.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const QUERY = 'query ($first: Int) { things(first: $first) { title owner { name } } }';
const TOLD = { 'x-assay-cost': 'on' };

let house: DoorsHouse;
beforeAll(async () => {
  house = await startDoorsHouse({ costRules: { ...DEFAULT_COST_RULES, maximum: 100 } });
});
afterAll(() => house[Symbol.asyncDispose]());

describe('the cost of an operation', () => {
  it('is told to whoever wants to know: what it was estimated at, and what came', async () => {
    const { json } = await house.post({ query: QUERY, variables: { first: 50 } }, TOLD);
    expect(json).toMatchObject({ extensions: { cost: { estimated: 100, actual: 6, maximum: 100 } } });
    expect((json.data?.['things'] as unknown[]).length).toBe(3);
  });

  it('is told by GET, by the extensions of a request, and to nobody else', async () => {
    const got = await house.get(`/graphql?query=${encodeURIComponent(QUERY)}&variables={"first":2}`, TOLD);
    expect(got.json).toMatchObject({ extensions: { cost: { estimated: 4, actual: 4 } } });
    const { json } = await house.post({ query: QUERY, extensions: { cost: true } });
    expect(json).toMatchObject({ extensions: { cost: { estimated: 6, actual: 6 } } });
    expect((await house.post({ query: QUERY })).json).not.toHaveProperty('extensions');
  });

  it('is refused over its maximum, by every door, and says where', async () => {
    const extensions = { code: 'TOO_COMPLEX', limit: { name: 'cost', value: 102, maximum: 100, path: ['things'] } };
    const asked = { query: QUERY, variables: { first: 51 } };
    const { status, json } = await house.post(asked);
    expect(status).toBe(413);
    expect(json.errors).toEqual([
      {
        message: 'A document has at most 100 points of estimated cost; this one has 102 (at things).',
        locations: [{ line: 1, column: 23 }],
        extensions,
      },
    ]);
    const events = await house.post(asked, { accept: 'text/event-stream' });
    expect(events.text).toContain(JSON.stringify(extensions));
    const client = createClient({ url: `${house.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const next = new Promise((resolve) => {
      client.subscribe(asked, { next: resolve, error: resolve, complete: () => undefined });
    });
    expect(JSON.stringify(await next)).toContain(JSON.stringify(extensions));
    await client.dispose();
  });

  it('is told with each event of a stream', async () => {
    const query = 'subscription { changes { title owner { name } } }';
    const client = createClient({ url: `${house.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const next = new Promise((resolve) => {
      client.subscribe(
        { query, extensions: { cost: true } },
        { next: resolve, error: resolve, complete: () => undefined },
      );
    });
    await expect.poll(() => house.streams()).toBe(1);
    house.emit('t1');
    expect(await next).toMatchObject({ extensions: { cost: { estimated: 2, actual: 2 } } });
    await client.dispose();
  });
});

describe('what our own pages ask', () => {
  const sdl = readFileSync(new URL('../../codegen/supergraph.graphql', import.meta.url), 'utf8');
  const costs = createCosts(sdl, publicSchema(createHivePlanner(sdl).publicSdl), DEFAULT_COST_RULES);
  const estimate = (document: DocumentNode) => costs(document, undefined)?.estimate({}) ?? Number.NaN;
  const documents = [
    ...Object.entries(operations),
    ...EXAMPLES.map(({ query }, n) => [`example ${n}`, parse(query)] as const),
  ] as const;

  it.each(documents)('costs a tenth of what is taken: %s', (_name, document) => {
    expect(estimate(document)).toBeLessThan((DEFAULT_COST_RULES.maximum ?? 0) / 10);
  });

  it.each([
    ['{ sessions { id } }', 100],
    ['{ asset(id: 1) { evidence { findings { code } } } }', 1 + 9 * (1 + 10)],
    ['{ asset(id: 1) { preview { sizes { url } } } }', 1 + 1 + 3],
  ])('takes a plain list for as long as its subgraph says it may be: %s', (query, expected) => {
    expect(estimate(parse(query))).toBe(expected);
  });

  it('leaves room for the largest page with everything that was found in each asset', () => {
    const whole = parse(
      '{ assets(first: 200) { edges { node { id owner { displayName } evidence { findings { code } } decision { reasons } licenses(first: 20) { edges { node { id } } } } } } }',
    );
    expect(estimate(whole)).toBeLessThan(DEFAULT_COST_RULES.maximum ?? 0);
  });

  it('does not leave room for every page of every page', () => {
    const all = parse(
      '{ assets(first: 200) { edges { node { events(first: 200) { edges { node { asset { licenses(first: 200) { edges { cursor } } } } } } } } } }',
    );
    expect(estimate(all)).toBeGreaterThan(DEFAULT_COST_RULES.maximum ?? 0);
  });
});
