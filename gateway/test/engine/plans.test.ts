import { type ExecutionResult, GraphQLError, parse } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, createHivePlanner } from '../../src/engine/index.ts';
import { aliasIn, asking, away, plain } from './asking.ts';
import { type OpenWorld, openWorld } from './world.ts';
import { gallery, shop, zoo } from './worlds.ts';

let world: OpenWorld;
const { ask, subgraphs } = asking(() => world);

describe('a shop', () => {
  beforeEach(() => {
    world = openWorld(shop);
  });

  it('sends one request for several kinds of entities of one subgraph', async () => {
    await ask('{ works { ... on Book { reviews { stars } } ... on Film { reviews { stars } } } }');
    expect(subgraphs()).toEqual(['catalogue', 'reviews']);
  });

  it('sends each representation once, wherever it stands', async () => {
    await ask('{ shelves { inStock } }');
    const { representations } = world.calls[1]?.variables as { representations: { id: string }[] };
    expect(representations.map(({ id }) => id)).toEqual(['b1', 'b2', 'b3']);
  });

  it('keeps apart what two places ask of one entity', async () => {
    const friends = (express: boolean) => `works(first: 1) { author { friends { s: shipping(express: ${express}) } } }`;
    expect(await ask(`{ a: ${friends(true)} b: ${friends(false)} }`)).toEqual({
      data: {
        a: [{ author: { friends: [{ s: '20 New York!' }, { s: '30 Austin!' }] } }],
        b: [{ author: { friends: [{ s: '20 New York' }, { s: '30 Austin' }] } }],
      },
    });
  });

  it('does not ask for what was provided', async () => {
    expect(await ask('{ work(id: "b1") { ... on Book { author { name } } } }')).toEqual({
      data: { work: { author: { name: 'Ada' } } },
    });
    expect(subgraphs()).toEqual(['catalogue']);
  });

  it('asks for what is required first, value types included', async () => {
    expect(await ask('{ shelves { postage express: postage(express: true) } }')).toMatchObject({
      data: { shelves: [[{ postage: 312, express: 1312 }, null, { postage: 400 }], [], [{ postage: 530 }, {}]] },
    });
  });

  it('runs mutations in their order, and completes each', async () => {
    const query = `mutation { one: count rename(id: "b1", title: "New") { title inStock } two: count(by: 2) }`;
    const { data } = await ask(query);
    expect(JSON.stringify(data)).toBe('{"one":1,"rename":{"title":"New","inStock":true},"two":2}');
  });

  it('asks nobody about what the schema says itself, in fragments too', async () => {
    const query = `query ($n: String!) { ...F __typename } fragment F on Query { __schema { queryType { name } } ... { it: __type(name: $n) { kind } } }`;
    const got = await ask(query, { n: 'Work' });
    expect(JSON.stringify(got)).toBe(
      '{"data":{"__schema":{"queryType":{"name":"Query"}},"it":{"kind":"INTERFACE"},"__typename":"Query"}}',
    );
    expect(world.calls).toEqual([]);
  });

  it('asks nobody for what is skipped', async () => {
    const query =
      'query ($a: Boolean!) { me { name @skip(if: $a) shipping @include(if: $a) } rate(zip: "20") @skip(if: $a) }';
    await ask(query, { a: false });
    expect(subgraphs().sort()).toEqual(['people', 'shipping']);
    world.calls.length = 0;
    await ask('query ($a: Boolean!) { rate(zip: "20") @skip(if: $a) }', { a: true });
    expect(world.calls).toEqual([]);
  });

  it.each(['id', 'zip', 'representations', '_entities'])('lets a client call anything %s', async (name) => {
    expect(await ask(`{ me { ${name}: nick city shipping friends { ${name}: email } } }`)).toEqual({
      data: {
        me: {
          [name]: null,
          city: 'London',
          shipping: '10 London',
          friends: [{ [name]: 'grace@x' }, { [name]: 'edsger@x' }],
        },
      },
    });
  });

  it.each([
    ['{ me { __proto__: name } }', '__proto__'],
    ['{ me { __typename: name } }', '__typename'],
    ['{ __schema: me { name } }', '__schema'],
    ['{ __type: __schema { queryType { name } } }', '__type'],
  ])('refuses %s, whose alias means something else', async (query, alias) => {
    expect(await ask(query)).toEqual({
      errors: [
        {
          message: `The alias ${alias} stands for something else.`,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    });
    expect(subgraphs()).toEqual([]);
  });

  it('takes the aliases that Relay writes, and others like them', async () => {
    const query =
      '{ __me: me { __id: id __isNode: __typename __typename: __typename } __x: __schema { __q: queryType { name } } }';
    expect(await ask(query)).toEqual({
      data: {
        __me: { __id: 'p1', __isNode: 'Person', __typename: 'Person' },
        __x: { __q: { name: 'Query' } },
      },
    });
    const abstract = '{ works { __isWork: __typename __id: id ... on Book { __size: size { __w: w } } } }';
    expect(await ask(abstract)).toEqual(plain(await world.expected(abstract)));
  });

  it('takes no key from a subgraph for the prototype of its objects', async () => {
    world.broken.set('people', () =>
      JSON.parse('{"data":{"me":{"email":"a","__proto__":{"name":"forged"},"nick":null}}}'),
    );
    expect(await ask('{ me { email nick } }')).toEqual({ data: { me: { email: 'a', nick: null } } });
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });

  it('completes each event of a stream', async () => {
    const stream = await world.engine.subscribe({
      document: parse('subscription { changed { t: title ... on Book { inStock } } }'),
      context: null,
    });
    const seen = Symbol.asyncIterator in stream ? await Array.fromAsync(stream) : [];
    expect(plain(seen.slice(0, 2))).toEqual([
      { data: { changed: { t: 'Notes', inStock: true } } },
      { data: { changed: { t: 'Compilers', inStock: false } } },
    ]);
  });

  it('says of a stream that its subgraph refuses why, in the client’s words', async () => {
    const refusal = (query: string) =>
      new GraphQLError('Not you.', { path: [aliasIn(query)], extensions: { code: 'FORBIDDEN' } });
    const engine = createEngine({
      supergraphSdl: world.supergraphSdl,
      planner: createHivePlanner(world.supergraphSdl),
      transports: {
        catalogue: { execute: () => Promise.reject(), subscribe: async ({ query }) => ({ errors: [refusal(query)] }) },
      },
    });
    const document = parse('subscription { mine: changed { title } }');
    expect(plain((await engine.subscribe({ document, context: null })) as ExecutionResult)).toEqual({
      errors: [{ message: 'Not you.', path: ['mine'], extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('goes on with a stream when an event could not be completed', async () => {
    world.broken.set('shipping', away('no route'));
    const document = parse('subscription { changed { ... on Book { title inStock } } }');
    const stream = await world.engine.subscribe({ document, context: null });
    const seen = Symbol.asyncIterator in stream ? await Array.fromAsync(stream) : [];
    expect(plain(seen[0])).toMatchObject({
      data: null,
      errors: [{ path: ['changed', 'inStock'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }],
    });
    expect(seen).toHaveLength(5);
  });
});

describe('types', () => {
  it('of one response key may differ in each member of a union', async () => {
    world = openWorld(zoo);
    expect(await ask('{ pets { ... on Dog { s: size } ... on Cat { s: size } } }')).toEqual({
      data: { pets: [{ s: 'small' }, null, { s: 3 }] },
    });
  });

  it('of an interface object are told by the subgraph that knows them', async () => {
    world = openWorld(gallery);
    expect(await ask('{ best { __typename score ... on Song { seconds } } }')).toEqual({
      data: { best: { __typename: 'Song', score: 3, seconds: 60 } },
    });
  });
});

describe('a gallery, whose ratings know media as one object', () => {
  beforeEach(() => {
    world = openWorld(gallery);
  });

  it('brings each type what it wants of the one object', async () => {
    const query = '{ media { ... on Song { own: score } ... on Photo { score } } }';
    expect(await ask(query)).toEqual({ data: { media: [{ score: 1 }, { score: null }, { own: 3 }] } });
    expect(await ask('{ best { title ... on Song { own: score } ... on Photo { score } } }')).toEqual({
      data: { best: { title: 'Rain', own: 3 } },
    });
  });

  it('asks nobody for the type of what is the same for all', async () => {
    expect(await ask('{ best { score } }')).toEqual({ data: { best: { score: 3 } } });
    expect(subgraphs()).toEqual(['ratings']);
  });
});
